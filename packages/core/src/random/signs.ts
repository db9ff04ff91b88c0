import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { integers } from "./draw";
import type { Random } from "./random";

/** Independent signs, −1 or 1 with probability one half each, float32; rows as in {@link integers}. A new tensor. */
export function randomSigns(random: Random, shape: readonly number[]): Tensor {
  return tf.tidy(() => tf.sub(tf.mul(tf.cast(integers(random, shape, 0, 2), "float32"), 2), 1));
}
