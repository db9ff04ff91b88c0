import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";

/** Values of the examples, `[batch]`, laid out to combine with images: `[batch, 1, 1, 1]`. A new tensor. */
export function perImage(values: Tensor): Tensor4D {
  return tf.reshape(values, [-1, 1, 1, 1]);
}
