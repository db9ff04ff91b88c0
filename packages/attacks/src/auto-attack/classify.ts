import { type Classifier, misclassified, type ProcessGroup } from "@awp/core";
import { hasNaN, inShares } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { describe, type Examples, imagesAt, inBatches, labelsAt } from "./examples";

/** The classifier's answers to the clean images; 1 or 0 by position. */
export interface CleanAnswers {
  /** 1 where the image is classified correctly. */
  readonly natural: Int32Array;
  /** 1 where the answer is NaN. */
  readonly nan: Int32Array;
  /** The number of classes. */
  readonly classes: number;
}

export interface Classification {
  readonly classifier: Classifier;
  readonly examples: Examples;
  readonly batchSize: number;
  readonly group: ProcessGroup | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Classifies all clean images, batch by batch; all ranks know the answers of all, so that they go on alike. */
export async function classifyAll({ classifier, examples, ...rest }: Classification): Promise<CleanAnswers> {
  const { batchSize, group, signal } = rest;
  const count = examples.indices.length;
  const [natural, nan] = [new Int32Array(count), new Int32Array(count)];
  let classes = 0;
  let start = 0;
  const shared = inShares({
    group,
    units: inBatches([...natural.keys()], batchSize),
    work: (positions) => classify(classifier, examples, positions),
    label: (positions) => describe(examples, positions),
    signal,
    what: "clean images",
  });
  for await (const { outcome } of shared) {
    natural.set(outcome.right, start);
    nan.set(outcome.nan, start);
    classes = outcome.classes;
    start += outcome.right.length;
  }
  return { natural, nan, classes };
}

async function classify(
  classifier: Classifier,
  examples: Examples,
  positions: readonly number[],
): Promise<{ right: Int32Array; nan: Int32Array; classes: number }> {
  let classes = 0;
  const judged = tf.tidy(() => {
    const logits = classifier(imagesAt(examples, positions));
    classes = logits.shape[1];
    const right = tf.sub(tf.scalar(1, "int32"), misclassified(logits, labelsAt(examples, positions)));
    return tf.stack([right, tf.cast(hasNaN(logits), "int32")]);
  });
  try {
    const values = (await judged.data()) as Int32Array;
    return { right: values.slice(0, positions.length), nan: values.slice(positions.length), classes };
  } finally {
    judged.dispose();
  }
}
