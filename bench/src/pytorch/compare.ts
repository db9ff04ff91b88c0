import { AwpError } from "@awp/core";
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { resolve } from "node:path";
import { comparison, type Comparison } from "./comparison";
import { defaultCases, type Figure, figures, networkCase, storages } from "./figure";
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
  /** Where the rows are written, too. */
  readonly json: string | undefined;
}

/** Times our packages against PyTorch on this machine and prints one row for each figure as it comes. */
export async function compareWithPyTorch(options: CompareOptions): Promise<void> {
  const { backend, repeats, threads, compiled, json } = options;
  const storage =
    options.storage === undefined ? {} : { storage: requireOneOf("--storage", storages, options.storage) };
  const cases = (options.cases ?? defaultCases).map(networkCase);
  const wanted = (options.figures ?? figures).map((name) => requireOneOf<Figure>("--figure", figures, name));
  const clock = requireOneOf<Clock>("--clock", clocks, options.clock);
  const python = pythonWithTorch();
  const load = loadavg()[0] ?? 0;
  if (load > 0.5)
    process.stdout.write(
      `The machine is busy (load ${load.toFixed(1)}): times are not to be trusted, --clock cpu is fairer.\n`,
    );
  const rows: Comparison[] = [];
  for (const networkAndBatch of cases) {
    for (const what of wanted) {
      const settings = { backend, python: python.command, threads, repeats, recorded: compiled, ...storage };
      const measured = await comparison({ ...networkAndBatch, what }, settings);
      if (rows.length === 0) {
        const { ours, official } = measured;
        const sides = `ours: ${backend} on ${ours.device}; PyTorch ${python.version} on ${official.device}`;
        process.stdout.write(`${sides}; ${threads} threads; medians of ${repeats}, by the ${clock} clock\n${header}\n`);
      }
      rows.push(measured);
      process.stdout.write(`${row(measured, clock)}\n`);
    }
  }
  for (const name of ["ours", "tuned"] as const) {
    const engines = new Set(rows.flatMap((each) => each[name].engine ?? []));
    process.stdout.write(`${name} runs as: ${[...engines].join("; ")}\n`);
  }
  if (json !== undefined) {
    const report = { backend, torch: python.version, threads, repeats, rows };
    writeFileSync(resolve(process.env["INIT_CWD"] ?? ".", json), `${JSON.stringify(report, undefined, 2)}\n`);
  }
}

function requireOneOf<Name extends string>(option: string, names: readonly Name[], given: string): Name {
  const name = names.find((each) => each === given);
  if (name === undefined) throw new AwpError(`${option}: got ${given}, wanted one of ${names.join(", ")}`);
  return name;
}
