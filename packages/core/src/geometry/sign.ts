import * as tf from "@tensorflow/tfjs-core";

/**
 * The sign of each entry, −1, 0 or 1; a new tensor of the same shape.
 *
 * It replaces `tf.sign`, which on the wasm backend is 0 below 1e-7: there a gradient-sign attack on a confident network
 * would stand still and make it look robust.
 */
export function sign<T extends tf.Tensor>(x: T): T {
  return tf.tidy(() => tf.sub<T>(tf.step(x), tf.step(tf.neg(x))));
}
