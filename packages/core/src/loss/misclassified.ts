import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D } from "@tensorflow/tfjs-core";
import type { Labels, Logits } from "../contract";
import { requireLogits, requireRowLabels } from "./logit-selection";

/**
 * The classifier's errors: 1 where it errs, else 0; `[batch]`, int32, a new tensor.
 *
 * It errs where its largest logit is not the label's, and where any of its logits is not a number: backends disagree
 * about the largest of those, and such an answer is not a right one. Every verdict of these packages is made here.
 *
 * @example
 * const errors = misclassified(classifier(images), labels);
 * const accuracy = 1 - (await tf.mean(errors).data())[0]!;
 * @throws ArgumentError unless logits are `[batch, classes]` and labels `[batch]`, int32.
 */
export function misclassified(logits: Logits, labels: Labels): Tensor1D {
  requireRowLabels("labels", labels, logits);
  return tf.tidy(() => {
    const wrong = tf.notEqual<Tensor1D>(tf.argMax(logits, -1), labels);
    return tf.cast<Tensor1D>(tf.logicalOr<Tensor1D>(wrong, hasNaN(logits)), "int32");
  });
}

/** Whether any logit of a row is not a number; `[batch]`, bool, a new tensor. */
export function hasNaN(logits: Logits): Tensor1D {
  requireLogits("logits", logits);
  return tf.tidy(() => tf.any(tf.isNaN(logits), 1) as Tensor1D);
}
