import { type Random, uniform } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";

/** −1 or 1, each with probability one half; rows as in core's `uniform`. */
export function randomSigns(random: Random, shape: readonly number[]): Tensor {
  return tf.sub(tf.mul(tf.step(uniform(random, shape, -1, 1)), 2), 1);
}
