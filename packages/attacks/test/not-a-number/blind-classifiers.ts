import type { Classifier, Images, Labels, Norm } from "@awp/core";
import { marginPerEpsilon } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { size, weights } from "../toy-problem";

/** How far the images of {@link problem} are from the boundary between class 0 and the others, in epsilons. */
export const leads: readonly [near: number, far: number] = [0.35, 3];

const slopes = (): tf.Tensor1D => tf.tidy(() => tf.squeeze<tf.Tensor1D>(tf.slice(weights(2), [0, 1], [-1, 1]), [1]));

/** Two grey images of class 0: one inside the ball has the boundary, the other has not. */
export function problem(norm: Norm, epsilon: number): { readonly x: Images; readonly y: Labels } {
  return tf.tidy(() => {
    const w = slopes();
    // Along the signs, for all norms: no pixel comes near the box.
    const along = marginPerEpsilon(w.dataSync(), "linf") / marginPerEpsilon(w.dataSync(), norm);
    const rows = leads.map((lead) => tf.sub(0.5, tf.mul(tf.sign(w), (lead * epsilon) / along)));
    return { x: tf.reshape<tf.Rank.R4>(tf.stack(rows), [-1, 2, 2, 3]), y: tf.zeros([leads.length], "int32") };
  });
}

/** By how much classes above 0 lead, `[batch, 1]`: linear, and 0 for a grey image. */
const lead = (x: Images): tf.Tensor2D =>
  tf.matMul(tf.sub(tf.reshape<tf.Rank.R2>(x, [-1, size]), 0.5), tf.reshape<tf.Rank.R2>(slopes(), [size, 1]));

/** Logits whose class is 0 before the boundary; beyond it the second class of `classes` is ahead, then the third. */
function logits(x: Images, classes: number): tf.Tensor2D {
  const others = Array.from({ length: classes - 1 }, (_, k) => tf.sub(lead(x), k));
  return tf.concat([tf.zerosLike(others[0] as tf.Tensor), ...others], 1) as tf.Tensor2D;
}

/** The linear classifier, but for what it answers beyond the boundary: that, for the classes where `which` is 1. */
function beyond(value: number, which: readonly number[]): Classifier {
  return (x) =>
    tf.tidy(() => {
      const there = tf.logicalAnd(tf.greater(lead(x), 0), tf.tensor2d([[...which]], undefined, "bool"));
      return tf.where(there, value, logits(x, which.length)) as tf.Tensor2D;
    });
}

/** Classifiers that answer no number beyond the boundary, or an infinite one by which they err. */
export const errsBeyond: Readonly<Record<string, Classifier>> = {
  "NaN for both classes": beyond(Number.NaN, [1, 1]),
  "NaN for the label": beyond(Number.NaN, [1, 0]),
  "NaN for the other class": beyond(Number.NaN, [0, 1]),
  "NaN for all of four": beyond(Number.NaN, [1, 1, 1, 1]),
  "NaN for the last of four": beyond(Number.NaN, [0, 0, 0, 1]),
  "the root of a negative number": (x) =>
    tf.tidy(() => {
      const root = tf.sqrt(tf.neg(lead(x)));
      return tf.concat([root, tf.zerosLike(root)], 1) as tf.Tensor2D;
    }),
  "+Infinity for the other class": beyond(Number.POSITIVE_INFINITY, [0, 1]),
  "-Infinity for the label": beyond(Number.NEGATIVE_INFINITY, [1, 0]),
  "+Infinity for all but the label of four": beyond(Number.POSITIVE_INFINITY, [0, 1, 1, 1]),
};

export const isNaNBeyond = (name: string): boolean => /NaN|root/.test(name);

/** Classifiers whose answer to every image is right for label 0, however infinite. */
export const neverErrs: Readonly<Record<string, Classifier>> = {
  "+Infinity for the label": (x) => tf.tidy(() => right(x, Number.POSITIVE_INFINITY, 0)),
  "-Infinity for the others": (x) => tf.tidy(() => right(x, 0, Number.NEGATIVE_INFINITY)),
};

/** Classifiers that answer every image of label 0 with NaN. */
export const alwaysNaN: Readonly<Record<string, Classifier>> = {
  "NaN for all images": (x) => tf.tidy(() => tf.mul(logits(x, 4), Number.NaN) as tf.Tensor2D),
  "NaN for images of label 0": (x) =>
    tf.tidy(() => tf.where(tf.less(lead(x), 0), Number.NaN, logits(x, 4)) as tf.Tensor2D),
  "NaN for one class": (x) => tf.tidy(() => tf.add(logits(x, 4), tf.tensor2d([[0, 0, Number.NaN, 0]])) as tf.Tensor2D),
};

function right(x: Images, label: number, others: number): tf.Tensor2D {
  return tf.tile(tf.tensor2d([[label, others, others, others]]), [x.shape[0], 1]);
}
