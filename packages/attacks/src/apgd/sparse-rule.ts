import { type Images, projectOntoThreat, type ThreatModel } from "@awp/core";
import { perImage, sign } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { backToBest, type StepRule } from "./climb";

/** The part of the entries before, below which a best perturbation keeps the step long. */
const sparser = 0.95;
const decay = 1.5;
/** The shortest step, in epsilons. */
const shortest = 0.1;

/** What the rule for ℓ1 remembers, per example. */
export type SparseMemory = {
  /** The part of the pixels that a step moves. */
  readonly share: Tensor1D;
  /** How many pixels the best images differ in from the clean ones, at the last checkpoint. */
  readonly support: Tensor1D;
};

/**
 * The rule for ℓ1: steps along the largest entries of the gradient, as many as the best perturbation has, and as long
 * as epsilon while that gets sparser. `sparseStart` for images that start in the ball already, not from noise.
 *
 * @see Croce and Hein 2021, arXiv:2103.01208
 */
export function sparseRule(threat: ThreatModel, iterations: number, sparseStart: boolean): StepRule<SparseMemory> {
  const { epsilon } = threat;
  const period = Math.max(Math.trunc(0.04 * iterations), 1);
  return {
    firstStep: 1,
    memory: ({ images, bestLoss }, x) => {
      const pixels = x.size / x.shape[0];
      const moved = sparseStart ? differing(images, x) : tf.fill<tf.Rank.R1>(bestLoss.shape, pixels);
      return { support: moved, share: sparseStart ? tf.div(moved, decay * pixels) : tf.fill(bestLoss.shape, 0.2) };
    },
    move: ({ images, gradient, stepSize, share }, x) =>
      projectOntoThreat(tf.add(images, tf.mul(largestEntries(gradient, share), stepSize)), x, threat),
    adapt: (climb, x, _loss, index) => {
      if ((index + 1) % period !== 0) return climb;
      const support = differing(climb.best, x);
      const fewer = tf.less(tf.div(support, climb.support), sparser);
      const shorter = tf.maximum<Tensor4D>(tf.div(climb.stepSize, decay), shortest * epsilon);
      return {
        ...backToBest(climb, fewer),
        stepSize: tf.where(perImage(fewer), tf.fill(climb.stepSize.shape, epsilon), shorter),
        support,
        share: tf.div(support, (decay * x.size) / x.shape[0]),
      };
    },
  };
}

/** The number of entries in which each image differs, `[batch]`. */
function differing(images: Images, x: Images): Tensor1D {
  return tf.sum(tf.cast(tf.notEqual(images, x), "float32"), [1, 2, 3]);
}

/** The signs of the largest entries, that `share` of them per example, over their number: a step of ℓ1 length 1. */
function largestEntries(gradient: Images, share: Tensor): Images {
  const batch = gradient.shape[0];
  const pixels = gradient.size / batch;
  const flat: Tensor2D = tf.reshape(gradient, [batch, pixels]);
  const sizes = tf.abs(flat);
  const { values: falling } = tf.topk(sizes, pixels);
  const rank = tf.floor(tf.clipByValue(tf.mul(tf.sub(1, share), pixels), 0, pixels - 1));
  const place = tf.reshape(tf.sub(pixels - 1, rank), [batch, 1]);
  const isPlace = tf.equal(tf.expandDims(tf.range(0, pixels, 1, "float32"), 0), place);
  const least = tf.sum(tf.where(isPlace, falling, tf.zerosLike(falling)), 1, true);
  const signs = tf.mul(sign(flat), tf.cast(tf.greaterEqual(sizes, least), "float32"));
  const step = tf.divNoNan(signs, tf.sum(tf.abs(signs), 1, true));
  return tf.reshape(step, gradient.shape);
}
