import { AwpError } from "@awp/core";
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { resolve } from "node:path";
import { comparison, type Comparison } from "./comparison";
import { defaultCases, type Figure, figures, networkCase } from "./figure";
import { pythonWithTorch } from "./python";
import { header, row } from "./table";

export interface CompareOptions {
  readonly backend: string;
  /** `NETWORK:BATCH`; all default ones without. */
  readonly cases: readonly string[] | undefined;
  readonly figures: readonly string[] | undefined;
  readonly repeats: number;
  readonly threads: number;
  /** Where the rows are written, too. */
  readonly json: string | undefined;
}

/** Times our packages against PyTorch on this machine and prints one row for each figure as it comes. */
export async function compareWithPyTorch(options: CompareOptions): Promise<void> {
  const { backend, repeats, threads, json } = options;
  const cases = (options.cases ?? defaultCases).map(networkCase);
  const wanted = (options.figures ?? figures).map(requireFigure);
  const python = pythonWithTorch();
  const load = loadavg()[0] ?? 0;
  if (load > 0.5)
    process.stdout.write(`The machine is busy (load ${load.toFixed(1)}): figures and ratios are not to be trusted.\n`);
  const rows: Comparison[] = [];
  for (const networkAndBatch of cases) {
    for (const what of wanted) {
      const settings = { backend, python: python.command, threads, repeats };
      const measured = await comparison({ ...networkAndBatch, what }, settings);
      if (rows.length === 0) {
        const { ours, official } = measured;
        const sides = `ours: ${backend} on ${ours.device}; PyTorch ${python.version} on ${official.device}`;
        process.stdout.write(`${sides}; ${threads} threads; medians of ${repeats}\n${header}\n`);
      }
      rows.push(measured);
      process.stdout.write(`${row(measured)}\n`);
    }
  }
  const engines = new Set(rows.flatMap(({ tuned }) => tuned.engine ?? []));
  process.stdout.write(`tuned runs as: ${[...engines].join(", ")}\n`);
  if (json !== undefined) {
    const report = { backend, torch: python.version, threads, repeats, rows };
    writeFileSync(resolve(process.env["INIT_CWD"] ?? ".", json), `${JSON.stringify(report, undefined, 2)}\n`);
  }
}

function requireFigure(name: string): Figure {
  const figure = figures.find((each) => each === name);
  if (figure === undefined) throw new AwpError(`--figure: got ${name}, wanted one of ${figures.join(", ")}`);
  return figure;
}
