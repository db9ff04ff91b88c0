import { type Random, random } from "@awp/core";
import { stepKey } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";

/** Randomness for each training pass of a network, and the count of passes that it depends on. */
export interface PassCounter {
  /** How many passes there were, `[1]`. float32, as buffers are stored: exact up to 2^24, from where it stays. */
  readonly passes: tf.Variable;
  /** The randomness of the coming pass: the same until {@link advance}. It stays on the device; tensors are the caller's. */
  random(): Random;
  advance(): void;
}

/**
 * A counter from 0. The count is in the key, as a tensor, so that a recorded step draws anew in each replay; key and
 * folds of `given` are the rest of the key and the stream.
 */
export function passCounter(given: Random): PassCounter {
  const [first = 0, second = 0] = stepKey(given);
  const passes = tf.tidy(() => tf.variable(tf.zeros([1]), false));
  return {
    passes,
    random: () =>
      random(tf.concat([tf.tensor1d([first], "int32"), tf.cast(passes, "int32")]) as tf.Tensor1D).fold(second),
    advance: () => tf.tidy(() => passes.assign(tf.add(passes, 1))),
  };
}
