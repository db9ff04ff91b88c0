import type { NamedTensors, Parameters } from "@awp/core";
import type { Scalar } from "@tensorflow/tfjs-core";
import type { Settings } from "./settings";

/** Updates weights from gradients; what it remembers between steps is `state`. */
export interface Optimizer {
  /** Its hyper-parameters: a resumed training must have the same. */
  readonly settings: Settings;
  /** What a checkpoint keeps beside the weights; empty before `prepare`. */
  readonly state: Parameters;
  /** Makes the state for these parameters, unless it is there. */
  prepare(parameters: Parameters): void;
  /**
   * The gradients of the loss with weight decay added, at the parameters' present values: its own call, because
   * under a weight attack decay is taken at the displaced weights. The caller owns the result.
   */
  decay(parameters: Parameters, gradients: NamedTensors): NamedTensors;
  /** Moves the parameters; a missing gradient counts as zero. */
  update(parameters: Parameters, gradients: NamedTensors, learningRate: number | Scalar): void;
  dispose(): void;
}
