import * as tf from "@tensorflow/tfjs-core";

/** A function from images to logits, small enough to know its answers by hand. */
export type ToyClassifier = (x: tf.Tensor4D) => tf.Tensor2D;

/** A classifier with the logits `x·W + b` of the flattened images; W is `[height · width · channels, classes]`. */
export function linearClassifier(
  weights: tf.Tensor2D,
  bias: tf.Tensor1D = tf.zeros([weights.shape[1]]),
): ToyClassifier {
  return (x) => tf.tidy(() => tf.add(tf.matMul(tf.reshape(x, [-1, weights.shape[0]]), weights), bias));
}

/** A classifier whose logits are the means of the channels, one class per channel. */
export function meanPoolClassifier(): ToyClassifier {
  return (x) => tf.tidy(() => tf.mean(x, [1, 2]));
}

/**
 * A classifier with the logits `−‖x − c_k‖² / 2` for the centres `c_k`, `[classes, height · width · channels]`: the
 * nearest centre wins.
 *
 * Each logit is quadratic in x, the difference of two is linear with weights `c_t − c_y`.
 */
export function nearestCentreClassifier(centres: tf.Tensor2D): ToyClassifier {
  return (x) =>
    tf.tidy(() => {
      const flat = tf.reshape(x, [-1, 1, centres.shape[1]]);
      const offsets = tf.sub(flat, tf.expandDims(centres, 0));
      return tf.mul(tf.sum<tf.Tensor2D>(tf.square(offsets), 2), -0.5);
    });
}

/**
 * The most that a perturbation of norm 1 can raise `(w_t − w_y)·x`, box aside: the dual norm of the difference of
 * weights. The largest margin in the ball of a linear toy is its margin at x plus ε times this.
 */
export function marginPerEpsilon(difference: ArrayLike<number>, norm: "linf" | "l2" | "l1"): number {
  const sizes = Array.from(difference, Math.abs);
  if (norm === "linf") return sizes.reduce((sum, size) => sum + size, 0);
  return norm === "l2" ? Math.hypot(...sizes) : Math.max(...sizes);
}
