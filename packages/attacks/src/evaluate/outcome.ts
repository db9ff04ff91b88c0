import { type Attack, type Batch, type Classifier, type Logits, misclassified, type Random } from "@awp/core";
import { hasNaN, requireArgument } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D } from "@tensorflow/tfjs-core";

/** How each example fared, in the order of the batches. */
export interface Outcomes {
  /** Its index in the data set. */
  readonly index: Int32Array;
  readonly label: Int32Array;
  /** 1 where the image is classified correctly, else 0. */
  readonly natural: Int32Array;
  /** 1 where the image is, and its adversarial image too, else 0. */
  readonly robust: Int32Array;
  /** 1 where the classifier answers either with NaN, else 0; NaN is never correct. */
  readonly nan: Int32Array;
}

/** Attacks a batch and reads back how it fared, once; keeps no tensor. */
export async function outcomes(
  classifier: Classifier,
  attack: Attack,
  { images, labels, indices }: Batch,
  random: Random,
): Promise<Outcomes> {
  requireArgument(
    indices.length === images.shape[0],
    "batch.indices",
    indices.length,
    `${images.shape[0]}, one an image`,
  );
  const measured = tf.tidy(() => {
    const clean = judge(classifier(images), labels);
    const attacked = judge(classifier(attack(classifier, images, labels, random.forRows(indices))), labels);
    const robust = tf.mul(clean.right, attacked.right);
    return tf.stack([labels, clean.right, robust, tf.maximum(clean.nan, attacked.nan)]);
  });
  try {
    const values = (await measured.data()) as Int32Array;
    const row = (k: number): Int32Array => values.slice(k * indices.length, (k + 1) * indices.length);
    return { index: indices.slice(), label: row(0), natural: row(1), robust: row(2), nan: row(3) };
  } finally {
    measured.dispose();
  }
}

/** The same fields, one batch after the other. */
export function joined(parts: readonly Outcomes[]): Outcomes {
  const field = (name: keyof Outcomes): Int32Array => {
    const all = new Int32Array(parts.reduce((length, part) => length + part[name].length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part[name], at);
      at += part[name].length;
    }
    return all;
  };
  return {
    index: field("index"),
    label: field("label"),
    natural: field("natural"),
    robust: field("robust"),
    nan: field("nan"),
  };
}

/** Whether the answers are right, and whether they are numbers; int32, `[batch]`. */
function judge(logits: Logits, labels: Tensor1D): { right: Tensor1D; nan: Tensor1D } {
  return {
    right: tf.sub(tf.scalar(1, "int32"), misclassified(logits, labels)),
    nan: tf.cast<Tensor1D>(hasNaN(logits), "int32"),
  };
}
