import type { Schedule } from "./schedule";

/** A schedule's rates at equal distances over so many epochs: enough to notice another one. */
export interface ScheduleSamples {
  readonly epochs: number;
  readonly rates: readonly number[];
}

/** Samples of the schedule over the training. */
export function scheduleSamples(schedule: Schedule, epochs: number): ScheduleSamples {
  const count = 20;
  return { epochs, rates: Array.from({ length: count }, (_, i) => schedule((i * epochs) / count)) };
}

/** The first place where the schedule gives other rates than those stored. */
export function changedRate(
  schedule: Schedule,
  { epochs, rates }: ScheduleSamples,
): { readonly epoch: number; readonly before: number; readonly now: number } | undefined {
  for (const [i, before] of rates.entries()) {
    const epoch = (i * epochs) / rates.length;
    const now = schedule(epoch);
    if (now !== before) return { epoch, before, now };
  }
  return undefined;
}
