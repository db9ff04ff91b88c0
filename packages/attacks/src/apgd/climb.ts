import { perImage } from "@awp/core/authoring";
import type { Images } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Observation } from "../engine/expected-gradient";

/** What APGD carries from one iteration to the next, per example. */
export type Climb = {
  readonly images: Images;
  /** The images before the last step. */
  readonly previous: Images;
  /** The gradient at `images`. */
  readonly gradient: Images;
  /** The images of the largest loss, the gradient there and that loss. */
  readonly best: Images;
  readonly bestGradient: Images;
  readonly bestLoss: Tensor1D;
  /** `[batch, 1, 1, 1]`. */
  readonly stepSize: Tensor4D;
  /** The latest misclassified images, the clean ones until then; 1 once there are some; after how many iterations. */
  readonly found: Images;
  readonly broken: Tensor1D;
  readonly iteration: Tensor1D;
  /** 1 where the classifier is right on the clean image. */
  readonly natural: Tensor1D;
  /** What the objective compares the logits with beside the labels; constant. */
  readonly reference: Tensor;
};

/** APGD's way to move and to shorten its steps, with what it remembers for that, per example. */
export interface StepRule<Memory> {
  /** The length of the first step, in epsilons. */
  readonly firstStep: number;
  memory(climb: Climb, x: Images): Memory;
  /** Where the step number `index`, from 0, leads. */
  move(climb: Climb & Memory, x: Images, index: number): Images;
  /** What follows from the loss that the step reached: shorter steps, back to the best images, or nothing. */
  adapt(climb: Climb & Memory, x: Images, loss: Tensor1D, index: number): Climb & Memory;
}

/** Notes the images as the best where the loss there is larger than any before. */
export function keepBest<C extends Climb>(climb: C, { value, gradient }: Observation): C {
  const better = tf.greater(value, climb.bestLoss);
  const rows = perImage(better);
  return {
    ...climb,
    gradient,
    best: tf.where(rows, climb.images, climb.best),
    bestGradient: tf.where(rows, gradient, climb.bestGradient),
    bestLoss: tf.where(better, value, climb.bestLoss),
  };
}

/** Notes the images as found where `wrong` (0 or 1, int32), except for examples that were wrong to begin with. */
export function keepFound<C extends Climb>(climb: C, wrong: Tensor1D, iteration: number): C {
  const taken = tf.cast(tf.mul(wrong, climb.natural), "bool");
  return {
    ...climb,
    found: tf.where(perImage(taken), climb.images, climb.found),
    broken: tf.maximum(climb.broken, wrong),
    iteration: tf.where(taken, tf.fill(wrong.shape, iteration, "int32"), climb.iteration),
  };
}

/** Goes back to the best images, and the gradient there, in the rows where `back`, `[batch]`, bool; the previous images stay. */
export function backToBest<C extends Climb>(climb: C, back: Tensor): C {
  const rows = perImage(back);
  return {
    ...climb,
    images: tf.where(rows, climb.best, climb.images),
    gradient: tf.where(rows, climb.bestGradient, climb.gradient),
  };
}
