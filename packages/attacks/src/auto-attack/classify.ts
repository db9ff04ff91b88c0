import { type Classifier, misclassified } from "@awp/core";
import { hasNaN } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { type Examples, imagesAt, labelsAt } from "./examples";

/** The classifier's answers to the clean images; 1 or 0 by position. */
export interface CleanAnswers {
  /** 1 where the image is classified correctly. */
  readonly natural: Int32Array;
  /** 1 where the answer is NaN. */
  readonly nan: Int32Array;
  /** The number of classes. */
  readonly classes: number;
}

/** Classifies all clean images, batch by batch. */
export async function classifyAll(
  classifier: Classifier,
  examples: Examples,
  batchSize: number,
): Promise<CleanAnswers> {
  const count = examples.indices.length;
  const [natural, nan] = [new Int32Array(count), new Int32Array(count)];
  let classes = 0;
  for (let start = 0; start < count; start += batchSize) {
    const positions = [...natural.keys()].slice(start, start + batchSize);
    const judged = tf.tidy(() => {
      const logits = classifier(imagesAt(examples, positions));
      classes = logits.shape[1];
      const right = tf.sub(tf.scalar(1, "int32"), misclassified(logits, labelsAt(examples, positions)));
      return tf.stack([right, tf.cast(hasNaN(logits), "int32")]);
    });
    const values = (await judged.data()) as Int32Array;
    judged.dispose();
    natural.set(values.subarray(0, positions.length), start);
    nan.set(values.subarray(positions.length), start);
  }
  return { natural, nan, classes };
}
