import { loadavg } from "node:os";
import { oneOf } from "../one-of";
import { writeReport } from "../write-report";
import { comparison, type Comparison, type PartialComparison } from "./comparison";
import { defaultCases, type Engine, engines, type Figure, figures, networkCase, storages } from "./figure";
import { pythonWithTorch } from "./python";
import { type Clock, clocks, header, row } from "./table";

export interface CompareOptions {
  readonly backend: string;
  /** `NETWORK:BATCH`; all default ones without. */
  readonly cases: readonly string[] | undefined;
  readonly figures: readonly string[] | undefined;
  readonly repeats: number;
  readonly threads: number;
  readonly clock: string;
  readonly compiled: boolean;
  readonly storage: string | undefined;
  readonly engine: string;
  /** Where the rows are written, too, with what there is of one after each repetition. */
  readonly json: string | undefined;
}

/** Times our packages against PyTorch on this machine and prints one row for each figure as it comes. */
export async function compareWithPyTorch(options: CompareOptions): Promise<void> {
  const { backend, repeats, threads, compiled, json } = options;
  const storage = options.storage === undefined ? {} : { storage: oneOf("--storage", storages, options.storage) };
  const cases = (options.cases ?? defaultCases).map(networkCase);
  const wanted = (options.figures ?? figures).map((name) => oneOf<Figure>("--figure", figures, name));
  const engine = oneOf<Engine>("--engine", engines, options.engine);
  const clock = oneOf<Clock>("--clock", clocks, options.clock);
  const python = pythonWithTorch();
  const load = loadavg()[0] ?? 0;
  if (load > 0.5)
    process.stdout.write(
      `The machine is busy (load ${load.toFixed(1)}): times are not to be trusted, --clock cpu is fairer.\n`,
    );
  const rows: Comparison[] = [];
  const report = (...partial: PartialComparison[]): void => {
    if (json === undefined) return;
    writeReport(json, { backend, torch: python.version, threads, repeats, rows: [...rows, ...partial] });
  };
  for (const networkAndBatch of cases) {
    for (const what of wanted) {
      const settings = { backend, python: python.command, threads, repeats, recorded: compiled, engine, ...storage };
      const measured = await comparison({ ...networkAndBatch, what }, settings, report);
      if (rows.length === 0) {
        const { ours, official } = measured;
        const sides = `ours: ${backend} on ${ours.device}; PyTorch ${python.version} on ${official.device}`;
        process.stdout.write(`${sides}; ${threads} threads; medians of ${repeats}, by the ${clock} clock\n${header}\n`);
      }
      rows.push(measured);
      report();
      process.stdout.write(`${row(measured, clock)}\n`);
    }
  }
  for (const name of ["ours", "tuned"] as const) {
    const engines = new Set(rows.flatMap((each) => each[name].engine ?? []));
    process.stdout.write(`${name} runs as: ${[...engines].join("; ")}\n`);
  }
}
