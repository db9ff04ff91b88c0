import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";

/*
 * The kernels that core adds to TensorFlow.js: names, inputs and attributes, as types only, so that a backend with
 * native versions can import them without importing core's code.
 */

/** `BatchNormTraining` → `[output, mean, variance]`, the variance biased. */
export interface BatchNormTrainingInputs {
  /** `[batch, height, width, channels]` */
  readonly x: Tensor;
  /** `[channels]` */
  readonly scale: Tensor1D;
  /** `[channels]` */
  readonly offset: Tensor1D;
}

/** `BatchNormTrainingGrad` → `[dx, dScale, dOffset]`. */
export interface BatchNormTrainingGradientInputs {
  readonly dy: Tensor;
  readonly x: Tensor;
  readonly scale: Tensor1D;
  readonly mean: Tensor1D;
  readonly variance: Tensor1D;
}

export interface BatchNormTrainingAttributes {
  readonly epsilon: number;
}
