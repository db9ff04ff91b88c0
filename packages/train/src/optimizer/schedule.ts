import { requireNonNegative, requirePositive } from "@awp/core/authoring";

/** The learning rate at a fractional epoch: after the i-th of n batches of an epoch (from 0), t = epoch + i/n. */
export type Schedule = (t: number) => number;

export interface ScheduleOptions {
  /** The largest learning rate. */
  readonly learningRate: number;
  /** The length of the training. */
  readonly epochs: number;
}

/** The options, after a check. */
export function requireScheduleOptions<Options extends ScheduleOptions>(options: Options): Options {
  requireNonNegative("learningRate", options.learningRate);
  requirePositive("epochs", options.epochs);
  return options;
}
