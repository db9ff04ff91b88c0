import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";

/** One value an example, `[batch]`, laid out to combine with images: `[batch, 1, 1, 1]`. */
export function perImage(values: Tensor): Tensor4D {
  return tf.reshape(values, [-1, 1, 1, 1]);
}
