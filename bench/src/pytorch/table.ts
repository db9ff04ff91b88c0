import type { Comparison } from "./comparison";

const columns: readonly (readonly [title: string, width: number, cell: (row: Comparison) => string])[] = [
  ["network", 15, ({ network }) => network],
  ["batch", 5, ({ batch }) => `${batch}`],
  ["figure", 15, ({ what }) => what],
  ["ours s", 9, ({ ours }) => seconds(ours.seconds)],
  ["official s", 10, ({ official }) => seconds(official.seconds)],
  ["tuned s", 9, ({ tuned }) => seconds(tuned.seconds)],
  ["vs official", 11, ({ ours, official }) => times(official.seconds / ours.seconds)],
  ["vs tuned", 8, ({ ours, tuned }) => times(tuned.seconds / ours.seconds)],
  ["ours MB", 8, ({ ours }) => ours.peakMemory.toFixed(0)],
  ["official MB", 11, ({ official }) => official.peakMemory.toFixed(0)],
  ["tuned MB", 8, ({ tuned }) => tuned.peakMemory.toFixed(0)],
  ["memory vs tuned", 15, ({ ours, tuned }) => times(ours.peakMemory / tuned.peakMemory)],
];

export const header = line(columns.map(([title]) => title));

export function row(comparison: Comparison): string {
  return line(columns.map(([, , cell]) => cell(comparison)));
}

function line(cells: readonly string[]): string {
  const text = cells.map((cell, column) => {
    const width = columns[column]![1];
    return column === 0 || column === 2 ? cell.padEnd(width) : cell.padStart(width);
  });
  return text.join("  ").trimEnd();
}

function seconds(value: number): string {
  return value >= 1 ? value.toFixed(2) : value.toPrecision(3);
}

function times(ratio: number): string {
  return `${ratio.toFixed(2)}×`;
}
