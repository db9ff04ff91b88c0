import { requirePositive } from "@awp/core/authoring";
import type { Schedule } from "./schedule";

/** Another schedule that moves between epochs alone: throughout an epoch, its value at the epoch's beginning. */
export function perEpoch(schedule: Schedule): Schedule {
  return (t) => schedule(Math.max(0, Math.ceil(t) - 1));
}

/** Another schedule, times a factor that rises linearly from 0 to 1 in the first epochs. */
export function warmedUp(schedule: Schedule, { epochs }: { readonly epochs: number }): Schedule {
  requirePositive("epochs", epochs);
  return (t) => schedule(t) * Math.min(1, t / epochs);
}
