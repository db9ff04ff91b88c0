import type { AutoAttackReport } from "@awp/attacks";

/** The stages as lines of text. */
export function table({ naturalAccuracy, examples, stages }: AutoAttackReport): string {
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  const rows = [
    ["stage", "attacked", "broken", "robust", "seconds", "forward", "backward"],
    ["natural", `${examples}`, "", percent(naturalAccuracy), "", "", ""],
    ...stages.map(({ name, attacked, broken, robustAccuracy, seconds, passes: { forward, backward } }) => [
      name,
      `${attacked}`,
      `${broken}`,
      percent(robustAccuracy),
      seconds.toFixed(1),
      `${forward}`,
      `${backward}`,
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))))
    .map((cells) => cells.join("  "))
    .join("\n");
}
