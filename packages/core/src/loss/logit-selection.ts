import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { Labels, Logits } from "../contract";
import { requireClassIndices } from "../argument";
import { requireArgument } from "../error";

/** The sum `Σ_j weights_j z_j` per row; it picks logits with a gradient on every backend, which gathering lacks. */
export function pick(logits: Logits, weights: Tensor2D): Tensor1D {
  return tf.sum(tf.mul(logits, weights), -1);
}

/** One-hot along a new last axis, float32; made by a cast, since wasm fills a float32 one-hot with bits of integers. */
export function oneHotOf(indices: tf.Tensor, classes: number): tf.Tensor {
  return tf.cast(tf.oneHot(indices, classes), "float32");
}

/** The class indices as one-hot rows beside the logits, `[batch, classes]`, float32. */
export function oneHot(labels: Labels, logits: Logits): Tensor2D {
  requireRowLabels("labels", labels, logits);
  return oneHotOf(labels, logits.shape[1]) as Tensor2D;
}

/** The labels as the probability of each class, `[batch, classes]`, float32; such labels are returned as they are. */
export function labelProbabilities(labels: Labels, classes: number): Tensor2D {
  return (labels.rank === 2 ? labels : oneHotOf(labels, classes)) as Tensor2D;
}

/** Throws unless the logits are a matrix. */
export function requireLogits(argument: string, logits: Logits): void {
  requireArgument(logits.rank === 2, argument, logits.shape, "a tensor [batch, classes]");
}

/** Throws unless there is one int32 label for each row of logits; their values stay on the device. */
export function requireRowLabels(argument: string, labels: Labels, logits: Logits): asserts labels is Tensor1D {
  requireLogits("logits", logits);
  requireClassIndices(argument, labels, logits.shape[0]);
}

/** Throws unless a loss that compares several classes has that many. */
export function requireClasses(logits: Logits, classes: number, loss: string): void {
  requireArgument(logits.shape[1] >= classes, "logits", logits.shape, `at least ${classes} classes for ${loss}`);
}
