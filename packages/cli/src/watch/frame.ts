import { bars, type Range, rangeOf } from "./bars";
import type { Snapshot, TrainingSnapshot } from "./snapshot";
import { accuraciesOf, figureOf, metricsOf, progressOf, shareOf, stateOf, timeLeftOf, valueOf } from "./words";

export interface FrameSize {
  readonly columns: number;
  /** All of the frame's lines are at most so many. */
  readonly rows: number;
  /** When the frame is drawn, in milliseconds since 1970. */
  readonly now: number;
}

/** Characters of the figures at a chart's axis. */
const axis = 8;

/** A run as a screen of text, a panel for each training: how far it is, its last figures and its curves. */
export function frameOf(snapshot: Snapshot, { columns, rows, now }: FrameSize): readonly string[] {
  const { folder, about, trainings } = snapshot;
  const names = metricsOf(trainings);
  const ranges = new Map(
    names.map((name) => [name, rangeOf(trainings.flatMap((training) => valuesOf(training, name)))]),
  );
  const nameWidth = Math.max(...trainings.map(({ name }) => name.length));
  // A panel is a line of progress, a line of figures, its charts and an empty line.
  const height = Math.min(8, Math.max(1, Math.floor((rows - 2) / trainings.length) - 3));
  const lines = trainings.flatMap((training) => [
    headOf(training, nameWidth),
    ...(training.done.length > 0 ? charts(training, ranges, Math.floor(columns / names.length), height) : []),
    ...(training.accuracies.length > 0 ? [accuraciesOf(training)] : []),
    "",
  ]);
  const all = [`${folder}: ${about}, ${stateOf(snapshot, now)}`, "", ...lines];
  const shown = all.length > rows ? [...all.slice(0, rows - 1), `… ${all.length - rows + 1} lines more`] : all;
  return shown.map((line) => cut(line, columns));
}

function valuesOf({ done }: TrainingSnapshot, name: string): readonly number[] {
  return done.map((epoch) => valueOf(epoch, name));
}

function headOf(training: TrainingSnapshot, nameWidth: number): string {
  const full = Math.round(20 * shareOf(training));
  const bar = `${"█".repeat(full)}${"░".repeat(20 - full)}`;
  return [training.name.padEnd(nameWidth), bar, progressOf(training), timeLeftOf(training)].filter(Boolean).join("  ");
}

/** The curves side by side, on the scales that all trainings share; the last figure and the best stand above each. */
function charts(
  training: TrainingSnapshot,
  ranges: ReadonlyMap<string, Range | undefined>,
  width: number,
  height: number,
): readonly string[] {
  const columns = [...ranges].map(([name, range = { low: 0, high: 1 }]) => {
    const values = valuesOf(training, name);
    const title = `${name} ${figureOf(name, values.at(-1))}${name === "loss" ? "" : bestOf(name, values)}`;
    const size = { width: Math.max(1, width - axis - 3), height, total: Math.max(training.epochs, values.length) };
    const drawn = bars(values, size, range).map((line, i) => {
      const label = i === 0 ? range.high : i === height - 1 ? range.low : undefined;
      return `${(label === undefined ? "" : figureOf(name, label)).padStart(axis)} ${line}`;
    });
    return [title, ...drawn].map((line) => cut(line, width - 2).padEnd(width));
  });
  return Array.from({ length: height + 1 }, (_, i) =>
    columns
      .map((column) => column[i] ?? "")
      .join("")
      .trimEnd(),
  );
}

function bestOf(name: string, values: readonly number[]): string {
  const high = rangeOf(values)?.high;
  return high === undefined ? "" : `, best ${figureOf(name, high)}`;
}

function cut(line: string, columns: number): string {
  return line.length > columns ? `${line.slice(0, columns - 1)}…` : line;
}
