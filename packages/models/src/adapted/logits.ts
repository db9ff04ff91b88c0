import type { Logits } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { Tensor } from "@tensorflow/tfjs-core";
import type { ModelOutput } from "./ending";

/** The smallest normal number of float32: what is below has lost digits, or is flushed to 0. */
const tiny = 2 ** -126;

/**
 * Logits made of a model's answer; those of one column are of the second of two classes, against 0.
 *
 * Throws an `ArgumentError` unless the answer is one tensor `[batch, classes]`.
 */
export function logitsOf(answer: unknown, output: ModelOutput): Logits {
  const isUsable = answer instanceof Tensor && answer.rank === 2;
  requireArgument(isUsable, "model", answer instanceof Tensor ? answer.shape : answer, "one output [batch, classes]");
  const given = answer as Logits;
  const isBinary = given.shape[1] === 1;
  if (output === "logits") return isBinary ? tf.concat([tf.zerosLike(given), given], 1) : given;
  return isBinary ? tf.concat([logOf(tf.sub(1, given)), logOf(given)], 1) : logOf(given);
}

/** The logarithm of probabilities, finite: below {@link tiny} it is that number's, and has no slope. NaN stays NaN. */
function logOf(probabilities: Logits): Logits {
  // tf.maximum would drop NaN on some backends.
  const isTiny = tf.less(probabilities, tiny);
  return tf.log(tf.where(isTiny, tf.fill<tf.Rank.R2>(probabilities.shape, tiny), probabilities));
}
