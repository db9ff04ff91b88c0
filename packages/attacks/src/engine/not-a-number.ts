import type { Logits } from "@awp/core";
import { type ContractKernel, hasNaN, runNamedKernel } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";

/*
 * What attacks make of answers that are none. A classifier that answers NaN errs: `misclassified` of core says so. Here
 * is what follows from that for the way there: no step away from such an answer, and none into pixels that are NaN.
 */

/** The largest slope that is told from larger ones: sums of squares of such slopes are still float32. */
const steepestSlope = 1e18;

/** A gradient that can be followed: an entry that is not a number leads nowhere, and is 0; none is beyond ±1e18. */
export function followable<T extends Tensor>(gradient: T): T {
  return runNamedKernel(boundedSlope, { slope: gradient }, { bound: steepestSlope }) as T;
}

const boundedSlope: ContractKernel<"BoundedSlope"> = {
  name: "BoundedSlope",
  // The bounds apart from the NaN: what a clip makes of one differs by backend.
  composite: ({ slope }, { bound }) =>
    tf.where(tf.isNaN(slope), tf.zerosLike(slope), tf.clipByValue(slope, -bound, bound)),
};

/** The values, NaN for the examples that are answered with NaN, so that no gradient leads away from there. */
export function unlessNaN(values: Tensor1D, logits: Logits): Tensor1D {
  return tf.tidy(() => tf.mul(values, tf.where(hasNaN(logits), Number.NaN, 1)));
}

/**
 * The values of an objective to compare by, `[batch]`, a new tensor: one that is not a number is the largest of all
 * where the classifier errs (`wrong`, 0 or 1), and the least where it does not.
 */
export function comparable(values: Tensor1D, wrong: Tensor1D): Tensor1D {
  return tf.tidy(() => {
    const [most, least] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const extreme = tf.where<Tensor>(tf.cast(wrong, "bool"), most, least) as Tensor1D;
    return tf.where(tf.isNaN(values), extreme, values);
  });
}
