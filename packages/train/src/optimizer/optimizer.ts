import type { NamedTensors, Parameters } from "@awp/core";
import type { Scalar } from "@tensorflow/tfjs-core";
import type { Settings } from "./settings";

/** Updates weights from gradients; what it remembers between steps is `state`. */
export interface Optimizer {
  /** Its hyper-parameters: a resumed training must have the same. Read after `prepare`, they may tell of the parameters. */
  readonly settings: Settings;
  /** What a checkpoint keeps beside the weights; empty before `prepare`. */
  readonly state: Parameters;
  /** Whether `update` heeds a momentum of one step; a step refuses to give one where it does not. @default false */
  readonly variesMomentum?: boolean;
  /** Makes the state for these parameters, unless it is there. */
  prepare(parameters: Parameters): void;
  /**
   * The gradients of the loss with weight decay added, at the parameters' present values: its own call, because
   * under a weight attack decay is taken at the displaced weights. The caller owns the result.
   */
  decay(parameters: Parameters, gradients: NamedTensors): NamedTensors;
  /**
   * Moves the parameters; a missing gradient counts as zero. `momentum` is this step's, in the place of the optimizer's
   * own: SGD's momentum, Adam's first beta.
   */
  update(parameters: Parameters, gradients: NamedTensors, learningRate: number | Scalar, momentum?: Scalar): void;
  dispose(): void;
}
