import type { Snapshot } from "./snapshot";
import { accuraciesOf, epochLine, progressOf } from "./words";

/** Tells of a run in lines, one for each epoch and one for each end, as a log has them. */
export async function watchInLines(write: (line: string) => void, snapshots: AsyncIterable<Snapshot>): Promise<void> {
  const told = new Map<string, number>();
  let last: Snapshot | undefined;
  for await (last of snapshots) {
    const width = Math.max(...last.trainings.map(({ name }) => name.length));
    for (const { name, epochs, done } of last.trainings) {
      const before = told.get(name) ?? 0;
      const say = (words: string): void => write(`${name.padEnd(width)}  ${words}`);
      if (done.length < before) say(`back to epoch ${done.length}, whence it goes on`);
      for (const epoch of done.slice(before)) say(epochLine(epochs, epoch));
      told.set(name, done.length);
    }
  }
  for (const training of last?.trainings ?? []) {
    const ends = [progressOf(training), accuraciesOf(training)].filter(Boolean);
    write(`${training.name}: ${ends.join("; ")}`);
  }
}
