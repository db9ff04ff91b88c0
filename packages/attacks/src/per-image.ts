import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";

/** `[batch]` as `[batch, 1, 1, 1]`, which broadcasts with images. */
export function perImage(values: Tensor1D): Tensor4D {
  return tf.reshape(values, [-1, 1, 1, 1]);
}
