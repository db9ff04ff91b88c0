import { type Classifier, type Images, random, uniform } from "@awp/core";
import { linearClassifier, meanPoolClassifier, nearestCentreClassifier } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";

/** The toy images are 2 × 2 with 3 channels, and there are 3 classes. */
export const size = 12;

export const toys: Readonly<Record<string, () => Classifier>> = {
  linear: () => linearClassifier(weights()),
  "mean pool": () => meanPoolClassifier(),
  "nearest centre": () => nearestCentreClassifier(uniform(random(7), [3, size]) as tf.Tensor2D),
  "saturated linear": () => linearClassifier(tf.mul(weights(), 1e4)),
  "without a gradient path": () => (x) =>
    tf.oneHot(tf.fill([x.shape[0]], 1, "int32"), 3, 1, 0, "float32") as tf.Tensor2D,
};

export function weights(classes = 3): tf.Tensor2D {
  return uniform(random(5), [size, classes], -1, 1) as tf.Tensor2D;
}

/** Images with values in [low, high). */
export function toyImages(batch: number, low = 0, high = 1, seed = 1): Images {
  return uniform(random(seed), [batch, 2, 2, 3], low, high) as Images;
}

export function toyLabels(batch: number, classes = 3): tf.Tensor1D {
  return tf.tensor1d(
    Array.from({ length: batch }, (_, i) => i % classes),
    "int32",
  );
}
