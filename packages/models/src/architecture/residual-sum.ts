import * as tf from "@tensorflow/tfjs-core";

/** The sum of two tensors of one shape. `tf.add` would keep both for the backward pass, which reads neither. */
export const residualSum = tf.customGrad((a, b) => ({
  value: tf.add(a as tf.Tensor, b as tf.Tensor),
  gradFunc: (dy) => [dy, dy],
})) as (a: tf.Tensor4D, b: tf.Tensor4D) => tf.Tensor4D;
