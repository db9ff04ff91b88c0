import * as tf from "@tensorflow/tfjs-core";

/** The mean over the pixels, from `[batch, height, width, channels]` to `[batch, channels]`. */
export function globalAveragePool(x: tf.Tensor4D): tf.Tensor2D {
  return tf.mean(x, [1, 2]);
}
