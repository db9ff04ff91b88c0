import { ArgumentError } from "@awp/core";
import type { RunFigures } from "../run-figures";

/** Throws unless there are runs and no two have one name. */
export function requireRuns(runs: readonly RunFigures[], least = 1): void {
  if (runs.length < least) throw new ArgumentError("runs", runs.length, `at least ${least}`);
  const names = runs.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new ArgumentError("name of a run", twice, "a name of its own for each run");
}

/** Throws, with the run and what it lacks, where `rows` is empty. */
export function requireData(rows: readonly unknown[], what: string, { name }: RunFigures, wanted: string): void {
  if (rows.length === 0) throw new ArgumentError(`${what} of ${name}`, 0, wanted);
}
