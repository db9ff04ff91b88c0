import { AwpError } from "@awp/core";

/**
 * The loss or the weights are no longer finite, or, where collapses are rolled back, the network is no better than a guess.
 * The last checkpoint is from before that.
 */
export class CollapseError extends AwpError {
  override readonly name = "CollapseError";
  /** The epoch, from 0. */
  readonly epoch: number;
  /** The step within the epoch, from 1. */
  readonly step: number;

  constructor(epoch: number, step: number, what: string) {
    super(`${what} at step ${step} of epoch ${epoch}: lower the learning rate or gamma, or warm up longer`);
    this.epoch = epoch;
    this.step = step;
  }
}
