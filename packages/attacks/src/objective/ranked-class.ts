import type { Labels, Logits } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";

/**
 * The class of the k-th largest logit, `[batch]`, int32.
 *
 * @throws ArgumentError naming `targetRank` with fewer classes than that.
 */
export function classOfRank(logits: Logits, targetRank: number): Labels {
  const classes = logits.shape[1];
  requireArgument(targetRank <= classes, "targetRank", targetRank, `at most the number of classes, ${classes}`);
  return tf.squeeze(tf.slice(tf.topk(logits, targetRank).indices, [0, targetRank - 1], [-1, 1]), [1]);
}
