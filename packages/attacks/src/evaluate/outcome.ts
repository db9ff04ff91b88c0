import {
  type Attack,
  type Batch,
  type Classifier,
  type Labels,
  type Logits,
  misclassified,
  type Random,
} from "@awp/core";
import { hasNaN, requireArgument } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D } from "@tensorflow/tfjs-core";
import type { ExampleOutcome } from "../engine/example-outcome";

/** Attacks a batch and reads back how its examples fared, once; keeps no tensor. */
export async function outcomes(
  classifier: Classifier,
  attack: Attack,
  { images, labels, indices }: Batch,
  random: Random,
): Promise<ExampleOutcome[]> {
  const [count] = images.shape;
  requireArgument(indices.length === count, "batch.indices", indices.length, `${count}, one per image`);
  const measured = tf.tidy(() => {
    const clean = judge(classifier(images), labels);
    const attacked = judge(classifier(attack(classifier, images, labels, random.forRows(indices))), labels);
    const robust = tf.mul(clean.right, attacked.right);
    return tf.stack([labels, clean.right, robust, tf.maximum(clean.nan, attacked.nan)], 1);
  });
  try {
    const values = await measured.data();
    return Array.from(indices, (index, row) => {
      const [label = Number.NaN, natural, robust, nan] = values.subarray(4 * row, 4 * row + 4);
      return { index, label, natural: natural === 1, robust: robust === 1, nan: nan === 1 };
    });
  } finally {
    measured.dispose();
  }
}

/** Whether the answers are right, and whether they are NaN; int32, `[batch]`. */
function judge(logits: Logits, labels: Labels): { right: Tensor1D; nan: Tensor1D } {
  return {
    right: tf.sub(tf.scalar(1, "int32"), misclassified(logits, labels)),
    nan: tf.cast<Tensor1D>(hasNaN(logits), "int32"),
  };
}
