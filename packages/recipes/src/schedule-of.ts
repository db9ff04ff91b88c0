import { type Schedule, schedules } from "@awp/train";
import type { Recipe } from "./recipe";

/** The recipe's learning rate. */
export function scheduleOf({ schedule, epochs }: Recipe, stepsPerEpoch: number): Schedule {
  const { name, perEpoch = false, momentum: _, ...rates } = schedule;
  if (name === "oneCycle") {
    return schedules.oneCycle({ ...rates, epochs, stepsPerEpoch: perEpoch ? 1 : stepsPerEpoch });
  }
  const made = schedules[name]({ ...rates, epochs });
  return perEpoch ? schedules.perEpoch(made) : made;
}

/** The recipe's momentum, where it varies. */
export function momentumScheduleOf({ schedule, epochs }: Recipe, stepsPerEpoch: number): Schedule | undefined {
  const { perEpoch = false, pctStart, momentum } = schedule;
  if (momentum === undefined) return undefined;
  const plan = { epochs, stepsPerEpoch: perEpoch ? 1 : stepsPerEpoch, ...(pctStart !== undefined && { pctStart }) };
  return schedules.oneCycleMomentum({ ...momentum, ...plan });
}
