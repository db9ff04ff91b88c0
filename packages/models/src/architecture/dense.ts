import * as tf from "@tensorflow/tfjs-core";
import { type Initializer, uniformByFanIn, uniformWithin } from "./initializer";
import type { ParameterStore } from "./parameter-store";

export interface DenseOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** @default PyTorch's */
  readonly biasInitializer?: Initializer;
}

/** A dense layer, `x · W + b`, from `[batch, inputs]` to `[batch, outputs]`. */
export function dense(
  store: ParameterStore,
  name: string,
  { inputs, outputs, biasInitializer = uniformWithin(1 / Math.sqrt(inputs)) }: DenseOptions,
): (x: tf.Tensor2D) => tf.Tensor2D {
  const kernel = store.parameter(`${name}.weight`, [inputs, outputs], uniformByFanIn) as tf.Variable<tf.Rank.R2>;
  const bias = store.parameter(`${name}.bias`, [outputs], biasInitializer);
  return (x) => tf.add(tf.matMul(x, kernel), bias);
}
