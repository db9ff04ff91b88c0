import type { Batch, NamedTensors } from "@awp/core";
import type { Across, TrainStepOptions } from "../step/step-options";
import type { TrainStep } from "../step/train-step";

/**
 * Several processes that train one network together, as the loop of each sees them. All come to the same calls in the
 * same order, and each call waits for the others.
 */
export interface Together extends Across {
  /** Makes the step of them all, of what makes the step of each. */
  step(make: (options: TrainStepOptions) => TrainStep): (options: TrainStepOptions) => TrainStep;
  /** How many rows the first batch of a pass has over all processes, from this one's rows of it. */
  begin(batch: Batch): Promise<number>;
  /**
   * How many rows the step just made had over all processes, from this one's. Here they agree too: a signal that is theirs
   * together, to pause for one, is aborted in this call or in another of these, and between two of them never.
   */
  agree(rows: number): Promise<number>;
  /** The means over all processes of tensors that each has under the same names; new tensors. */
  readonly means: (tensors: NamedTensors) => NamedTensors;
}
