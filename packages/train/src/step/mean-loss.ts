import { type Loss, mean } from "@awp/core";
import { lossInParts, requireArgument } from "@awp/core/authoring";
import type { Scalar, Tensor1D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Across } from "./step-options";

/** The losses of some rows of a batch. */
export interface LossPart {
  readonly losses: () => Tensor1D;
  /** The rows among the batch's: what their mean weighs in the mean over the batch. */
  readonly share: number;
}

/** The mean over a batch of so many rows in these parts; over those of all processes, where there are others. */
export function lossOver(parts: readonly LossPart[], rows: number, across: Across | undefined): Loss {
  if (across === undefined) return meanOf(parts);
  const sum = meanOf(parts.map(({ losses, share }) => ({ losses, share: share * rows })));
  return across.loss(sum, rows);
}

/** The mean over all examples of the parts, with core's `below`. */
export function meanOf(parts: readonly LossPart[], threshold?: number): Loss {
  const loss = lossInParts(parts.map((part) => () => tf.tidy(() => weightedMean(part, threshold))));
  return Object.assign(loss, {
    below: (given: number): Loss => meanOf(parts, Math.min(given, threshold ?? Number.POSITIVE_INFINITY)),
  });
}

function weightedMean({ losses, share }: LossPart, threshold: number | undefined): Scalar {
  const all = losses();
  requireArgument(all.rank === 1, "defense.loss", all.shape, "one loss for each example, [batch]");
  const counted = threshold === undefined ? all : tf.where(tf.less(all, threshold), all, tf.zerosLike(all));
  const average = mean(counted as Tensor1D);
  return share === 1 ? average : tf.mul(average, share);
}
