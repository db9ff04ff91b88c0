import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { sign } from "./sign";

/** Halvings of the interval of thresholds: leaves 1e-9 of a row's largest entry, less than float32 resolves. */
const halvings = 30;

/**
 * The point of the ℓ1 ball of radius `epsilon` that is nearest to each row of `delta`, among those whose entries do not
 * pass `room` (not negative; infinite when left out).
 *
 * That point is `sign(δ) · min(max(|δ| − λ, 0), room)` with the smallest λ ≥ 0 that brings it into the ball. Its ℓ1
 * norm falls as λ grows, so λ is found by bisection, for all rows at once and without reading anything back.
 */
export function projectRowsOntoL1(delta: Tensor2D, epsilon: number, room?: Tensor2D): Tensor2D {
  return tf.tidy(() => {
    const size = tf.abs(delta);
    const shrunk = (threshold: Tensor2D): Tensor2D => {
      const soft = tf.relu<Tensor2D>(tf.sub<Tensor2D>(size, threshold));
      return room === undefined ? soft : tf.minimum(soft, room);
    };
    const tooLarge = (threshold: Tensor2D): Tensor2D => tf.greater(tf.sum(shrunk(threshold), 1, true), epsilon);

    let low = tf.zeros<tf.Rank.R2>([delta.shape[0], 1]);
    // A row that is inside already keeps the interval [0, 0]; the upper end is inside the ball at every step.
    let high: Tensor2D = tf.mul(tf.max(size, 1, true), tf.cast(tooLarge(low), "float32"));
    for (let step = 0; step < halvings; step++) {
      const [nextLow, nextHigh] = tf.tidy((): [Tensor2D, Tensor2D] => {
        const middle: Tensor2D = tf.mul(tf.add(low, high), 0.5);
        const above = tooLarge(middle);
        return [tf.where(above, middle, low), tf.where(above, high, middle)];
      });
      tf.dispose([low, high]);
      low = nextLow;
      high = nextHigh;
    }
    return tf.mul(sign(delta), shrunk(high));
  });
}
