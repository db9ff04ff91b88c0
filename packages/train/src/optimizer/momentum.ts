import { requireArgument } from "@awp/core/authoring";
import type { Scalar } from "@tensorflow/tfjs-core";
import type { Optimizer } from "./optimizer";

/** Whether a moving average can keep this share of itself at each step. */
export const isMomentum = (value: number): boolean => value >= 0 && value < 1;

/** Throws an `ArgumentError` for a step's momentum that cannot be, or that the optimizer would not heed. */
export function requireStepMomentum(momentum: number | Scalar | undefined, optimizer: Optimizer): void {
  if (momentum === undefined) return;
  const usable = typeof momentum === "number" ? isMomentum(momentum) : momentum.rank === 0;
  requireArgument(usable, "momentum", momentum, "a number from 0 to below 1, or a scalar tensor");
  requireArgument(optimizer.variesMomentum === true, "momentum", momentum, "none: the optimizer keeps no momentum");
}
