import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";

/** Running means of a gradient and of its squares. */
export interface Moments<T extends Tensor> {
  readonly mean: T;
  readonly square: T;
}

const [meanDecay, squareDecay, floor] = [0.9, 0.999, 1e-8];

/** The moments after one more gradient. */
export function nextMoments<T extends Tensor>({ mean, square }: Moments<T>, gradient: T): Moments<T> {
  const mixed = (old: T, now: T, decay: number): T => tf.add(tf.mul(old, decay), tf.mul(now, 1 - decay));
  return { mean: mixed(mean, gradient, meanDecay), square: mixed(square, tf.square(gradient), squareDecay) };
}

/** Adam's direction of ascent after `steps` gradients; about 1 in each entry. @see Kingma and Ba 2015, arXiv:1412.6980 */
export function adamDirection<T extends Tensor>({ mean, square }: Moments<T>, steps: number): T {
  const root = tf.sqrt(tf.div(square, 1 - squareDecay ** steps));
  return tf.div(tf.div(mean, 1 - meanDecay ** steps), tf.add(root, floor));
}
