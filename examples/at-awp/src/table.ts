import { methodTitles } from "./method";
import { percent } from "./progress";
import type { RunResult } from "./run";

const columns: readonly [string, (result: RunResult) => string][] = [
  ["", ({ method }) => methodTitles[method]],
  ["train natural", ({ train }) => percent(train.natural)],
  ["train PGD-20", ({ train }) => percent(train.pgd20)],
  ["test natural", ({ test }) => percent(test.natural)],
  ["test FGSM", ({ test }) => percent(test.fgsm)],
  ["test PGD-20", ({ test }) => percent(test.pgd20)],
  ["robust gap", ({ train, test }) => percent(train.pgd20 - test.pgd20)],
  ["ms a step", ({ secondsPerStep }) => (secondsPerStep === null ? "–" : (1000 * secondsPerStep).toFixed(0))],
];

/** The results as a table of plain text; the robust gap is PGD-20 accuracy on train minus that on test. */
export function table(results: readonly RunResult[]): string {
  const rows = [columns.map(([title]) => title), ...results.map((result) => columns.map(([, cell]) => cell(result)))];
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  ")).join("\n");
}
