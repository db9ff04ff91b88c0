import type { CheckpointState } from "../store/checkpoint-state";
import type { Schedule } from "../optimizer/schedule";

/** A schedule's rates at equal distances over the training: enough to notice another one. */
export function scheduleSamples(schedule: Schedule, epochs: number): CheckpointState["schedule"] {
  const count = 20;
  return { epochs, rates: Array.from({ length: count }, (_, i) => schedule((i * epochs) / count)) };
}

/** The first place where the schedule gives other rates than those stored. */
export function changedRate(
  schedule: Schedule,
  { epochs, rates }: CheckpointState["schedule"],
): { readonly epoch: number; readonly before: number; readonly now: number } | undefined {
  for (const [i, before] of rates.entries()) {
    const epoch = (i * epochs) / rates.length;
    const now = schedule(epoch);
    if (now !== before) return { epoch, before, now };
  }
  return undefined;
}
