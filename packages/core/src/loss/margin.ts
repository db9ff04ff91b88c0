import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { Labels, Logits } from "../contract";
import { oneHot, oneHotOf, pick, requireClasses, requireRowLabels } from "./logit-selection";

/**
 * The margin of each example, `[batch]`: how far the best wrong class is above the right one, `max_{j≠y} z_j − z_y`.
 *
 * It is positive where the classifier errs, and what the CW attack on logits ascends (arXiv:1608.04644).
 *
 * @example
 * const margins = margin(classifier(adversarial), labels); // [batch], positive where the classifier errs
 * @throws ArgumentError with fewer than 2 classes.
 */
export function margin(logits: Logits, labels: Labels): Tensor1D {
  requireRowLabels("labels", labels, logits);
  requireClasses(logits, 2, "the margin");
  return tf.tidy(() => pick(logits, tf.sub(bestOther(logits, labels), oneHot(labels, logits))));
}

/**
 * Difference of logits ratio, per example, `[batch]` (arXiv:2003.01690):
 * `−(z_y − max_{j≠y} z_j) / (z_(1) − z_(3) + 1e-12)`, with `z_(k)` the k-th largest logit.
 *
 * @example
 * const ratios = dlr(classifier(adversarial), labels); // [batch], positive where the classifier errs
 * @throws ArgumentError with fewer than 3 classes.
 */
export function dlr(logits: Logits, labels: Labels): Tensor1D {
  requireRowLabels("labels", labels, logits);
  requireClasses(logits, 3, "DLR");
  return tf.tidy(() =>
    ratio(
      logits,
      tf.sub(bestOther(logits, labels), oneHot(labels, logits)),
      constant(logits, (z) => spread(z, [1, 0, -1])),
    ),
  );
}

/**
 * Targeted difference of logits ratio, per example, `[batch]` (arXiv:2003.01690):
 * `−(z_y − z_t) / (z_(1) − (z_(3) + z_(4)) / 2 + 1e-12)`.
 *
 * @example
 * const targets = tf.tensor1d([3, 5], "int32"); // a class for each of two images
 * const ratios = targetedDlr(classifier(images), labels, targets);
 * @throws ArgumentError with fewer than 4 classes.
 */
export function targetedDlr(logits: Logits, labels: Labels, targets: Labels): Tensor1D {
  requireRowLabels("labels", labels, logits);
  requireRowLabels("targets", targets, logits);
  requireClasses(logits, 4, "targeted DLR");
  return tf.tidy(() =>
    ratio(
      logits,
      tf.sub(oneHot(targets, logits), oneHot(labels, logits)),
      constant(logits, (z) => spread(z, [1, 0, -0.5, -0.5])),
    ),
  );
}

function ratio(logits: Logits, numerator: Tensor2D, denominator: Tensor2D): Tensor1D {
  return tf.div(pick(logits, numerator), tf.add(pick(logits, denominator), 1e-12));
}

/**
 * One-hot of the largest logit that is not the label's, `[batch, classes]`; of one alone among equals. It has no gradient:
 * what it picks does. A new tensor.
 *
 * @throws ArgumentError with fewer than 2 classes.
 */
export function bestOther(logits: Logits, labels: Labels): Tensor2D {
  requireRowLabels("labels", labels, logits);
  requireClasses(logits, 2, "a wrong one");
  return tf.tidy(() =>
    constant(logits, (z) => {
      const isLabel = tf.cast(oneHot(labels, z), "bool");
      const others = tf.where(isLabel, tf.fill(z.shape, Number.NEGATIVE_INFINITY), z);
      return oneHot(tf.argMax(others, -1), z);
    }),
  );
}

/** Weights of each logit by its rank: `byRank[k]` for the k-th largest, 0 beyond. */
function spread(logits: Logits, byRank: readonly number[]): Tensor2D {
  const { indices } = tf.topk(logits, byRank.length);
  const places = oneHotOf(indices, logits.shape[1]);
  return tf.sum(tf.mul(places, tf.tensor(byRank as number[], [1, byRank.length, 1])), 1);
}

/** Evaluates `f` off the tape: a function of the logits' order alone has no gradient, and TopK none registered. */
function constant(logits: Logits, f: (logits: Logits) => Tensor2D): Tensor2D {
  return tf.customGrad((z) => ({ value: f(z as Logits), gradFunc: (dy) => tf.zerosLike(dy) }))(logits) as Tensor2D;
}
