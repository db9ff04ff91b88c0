import type { Classifier } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";

/** How many examples went through the classifier, and how many gradients came back. */
export interface Passes {
  readonly forward: number;
  readonly backward: number;
}

/** A classifier that counts what passes through it. */
export interface CountedClassifier {
  readonly classifier: Classifier;
  /** What has passed so far. */
  readonly passes: () => Passes;
}

export function counted(classifier: Classifier): CountedClassifier {
  let [forward, backward] = [0, 0];
  const identity = tf.customGrad((x) => ({
    value: tf.clone(x as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => {
      backward += dy.shape[0] as number;
      return dy;
    },
  }));
  return {
    classifier: (x) => {
      forward += x.shape[0];
      return classifier(identity(x) as typeof x);
    },
    passes: () => ({ forward, backward }),
  };
}
