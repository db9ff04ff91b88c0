import type { Comparison, Measured } from "./comparison";

/** Which clock the table shows: the processor's is the fairer one on a machine that others use too. */
export const clocks = ["wall", "cpu"] as const;

export type Clock = (typeof clocks)[number];

type Column = readonly [
  title: string,
  width: number,
  cell: (row: Comparison, time: (side: Measured) => number) => string,
];

const columns: readonly Column[] = [
  ["network", 15, ({ network }) => network],
  ["batch", 5, ({ batch }) => `${batch}`],
  ["figure", 15, ({ what }) => what],
  ["ours s", 9, ({ ours }, time) => seconds(time(ours))],
  ["official s", 10, ({ official }, time) => seconds(time(official))],
  ["tuned s", 9, ({ tuned }, time) => seconds(time(tuned))],
  ["vs official", 11, ({ ours, official }, time) => times(time(official) / time(ours))],
  ["vs tuned", 8, ({ ours, tuned }, time) => times(time(tuned) / time(ours))],
  ["ours MB", 8, ({ ours }) => ours.peakMemory.toFixed(0)],
  ["official MB", 11, ({ official }) => official.peakMemory.toFixed(0)],
  ["tuned MB", 8, ({ tuned }) => tuned.peakMemory.toFixed(0)],
  ["memory vs tuned", 15, ({ ours, tuned }) => times(ours.peakMemory / tuned.peakMemory)],
];

export const header: string = line(columns.map(([title]) => title));

export function row(comparison: Comparison, clock: Clock): string {
  const time = ({ seconds, cpuSeconds }: Measured) => (clock === "cpu" ? cpuSeconds : seconds);
  return line(columns.map(([, , cell]) => cell(comparison, time)));
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
