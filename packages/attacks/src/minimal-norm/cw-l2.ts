import {
  type Bounds,
  type Images,
  type Logits,
  misclassified,
  perExampleNorm,
  type TrackingAttack,
  unitBounds,
} from "@awp/core";
import { perImage, requireBounds, requireCount, requireNonNegative, requirePositive } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { adamDirection, nextMoments } from "../engine/adam";
import { expectedGradient } from "../engine/expected-gradient";
import { type Goal, untargeted } from "../objective/goal";
import type { AttackState } from "../engine/iterative";
import { comparable } from "../engine/not-a-number";
import { marginObjective } from "../objective/objective";
import { resolve } from "../objective/resolve";
import { tracking } from "../engine/tracking";

export interface CwL2Options {
  /** @default { low: 0, high: 1 } */
  readonly bounds?: Bounds;
  /** Trials in the search for the least weight of the margin that reaches it. @default 9 */
  readonly searchSteps?: number;
  /** Steps of Adam in each of them. @default 1000 */
  readonly steps?: number;
  /** The learning rate of Adam, in the space of hyperbolic arctangents. @default 0.01 */
  readonly learningRate?: number;
  /** The first weight. @default 0.001 */
  readonly initialWeight?: number;
  /** The margin that has to be won, in logits. @default 0 */
  readonly confidence?: number;
  /** @default { kind: "untargeted" } */
  readonly goal?: Goal;
}

/** CW-ℓ2 under way. */
export type CwL2State = AttackState<CwL2Iterate>;

type CwL2Iterate = {
  readonly images: Images;
  /** The images as hyperbolic arctangents, which know no box. */
  readonly free: Images;
  /** Adam's moments. */
  readonly mean: Images;
  readonly square: Images;
  readonly reference: Tensor;
  /** The weight under trial, the largest known to be too small, the smallest known to do; the latter infinite at first. */
  readonly weight: Tensor1D;
  readonly tooSmall: Tensor1D;
  readonly enough: Tensor1D;
  /** 1 where this trial has reached the margin. */
  readonly reached: Tensor1D;
  readonly found: Images;
  readonly broken: Tensor1D;
  readonly iteration: Tensor1D;
  /** Squared ℓ2 distance of `found`; infinite where there is none. */
  readonly distance: Tensor1D;
};

/**
 * The attack of Carlini and Wagner in ℓ2: minimizes `‖x' − x‖² + weight · max(confidence − margin, 0)` without a limit on
 * the distance, per example for weights that are searched: times ten until one reaches the margin, then bisected.
 *
 * Returns, per example, the nearest misclassified image on the way, else the clean one. The `objective` of the result is
 * minus its ℓ2 distance, −∞ where there is none. Takes `searchSteps · steps` forward and backward passes and one forward
 * pass. Unlike the reference implementation it does not stop a trial early.
 *
 * @example
 * const attack = cwL2({ searchSteps: 9, steps: 1000 });
 * const nearest = attack(classifier, images, labels, random(0));
 * @throws ArgumentError for an option out of range.
 * @see Carlini and Wagner 2017, arXiv:1608.04644
 */
export function cwL2(options: CwL2Options = {}): TrackingAttack<CwL2State> {
  const { bounds = unitBounds, searchSteps = 9, steps = 1000, learningRate = 0.01 } = options;
  const { initialWeight = 1e-3, confidence = 0, goal = untargeted } = options;
  requireBounds(bounds);
  requireCount("searchSteps", searchSteps);
  requireCount("steps", steps);
  requirePositive("learningRate", learningRate);
  requirePositive("initialWeight", initialWeight);
  requireNonNegative("confidence", confidence);
  const { reference: referenceOf, value } = resolve(marginObjective(), goal);
  const half = (bounds.high - bounds.low) / 2;

  /** What a trial starts with. */
  function fresh(x: Images): Pick<CwL2Iterate, "images" | "free" | "mean" | "square" | "reached"> {
    // Not quite to the ends of the box, which are infinitely far.
    const place = tf.mul(tf.sub(tf.div(tf.sub(x, bounds.low), half), 1), 1 - 1e-6);
    const free: Images = tf.mul(0.5, tf.log(tf.div(tf.add(1, place), tf.sub(1, place))));
    const zero = tf.zerosLike(x);
    return { images: boxed(free), free, mean: zero, square: zero, reached: tf.zeros([x.shape[0]]) };
  }

  function boxed(free: Images): Images {
    const inside: Images = tf.add(tf.mul(tf.add(tf.tanh(free), 1), half), bounds.low);
    return tf.clipByValue(inside, bounds.low, bounds.high);
  }

  return tracking<CwL2Iterate>({
    iterations: searchSteps * steps,
    start: (problem) => {
      const { classifier, x, y } = problem;
      const logits = classifier(x);
      const broken = misclassified(logits, y);
      const perRow = (amount: number): Tensor1D => tf.fill([x.shape[0]], amount);
      return {
        ...fresh(x),
        reference: referenceOf(problem, logits),
        weight: perRow(initialWeight),
        tooSmall: perRow(0),
        enough: perRow(Number.POSITIVE_INFINITY),
        found: tf.clone(x),
        broken,
        iteration: tf.zerosLike(broken),
        distance: tf.where(tf.cast(broken, "bool"), perRow(0), perRow(Number.POSITIVE_INFINITY)),
      };
    },
    iterate: ({ classifier, x, y }, before, index) => {
      const within = index % steps;
      const now = within === 0 && index > 0 ? { ...before, ...nextWeight(before), ...fresh(x) } : before;
      const { images, free, reference, weight } = now;
      const shortfall = (margin: Tensor1D): Tensor1D => tf.relu(tf.add<Tensor1D>(tf.neg(margin), confidence));
      const worth = (logits: Logits): Tensor1D =>
        tf.neg(tf.mul<Tensor1D>(weight, shortfall(value(logits, y, reference))));
      const seen = expectedGradient(classifier, images, worth, 1);
      const way: Images = tf.sub(images, x);
      const slope = tf.mul(half, tf.sub(1, tf.square(tf.tanh(free))));
      const gradient: Images = tf.mul(tf.sub(seen.gradient, tf.mul(2, way)), slope);
      const moments = nextMoments(now, gradient);
      const moved: Images = tf.add(free, tf.mul(learningRate, adamDirection(moments, within + 1)));

      const wrong = misclassified(seen.logits, y);
      const won = tf.greater<Tensor1D>(comparable(value(seen.logits, y, reference), wrong), confidence);
      const distance = tf.square<Tensor1D>(perExampleNorm(way, "l2"));
      const nearer = tf.logicalAnd(tf.less(distance, now.distance), tf.logicalAnd(won, tf.cast(wrong, "bool")));
      return {
        ...now,
        ...moments,
        images: boxed(moved),
        free: moved,
        reached: tf.maximum(now.reached, tf.cast(won, "float32")),
        found: tf.where(perImage(nearer), images, now.found),
        broken: tf.maximum(now.broken, tf.cast(nearer, "int32")),
        iteration: tf.where(nearer, tf.fill([x.shape[0]], index + 1, "int32"), now.iteration),
        distance: tf.where(nearer, distance, now.distance),
      };
    },
    broken: ({ broken }) => broken,
    result: (_problem, { found, broken, iteration, distance }) => ({
      images: tf.clone(found),
      broken: tf.clone(broken),
      iteration: tf.clone(iteration),
      objective: tf.neg(tf.sqrt(distance)),
    }),
  });
}

/** The next trial of a bisection that looks for its upper end by tens. */
function nextWeight({
  weight,
  tooSmall,
  enough,
  reached,
}: CwL2Iterate): Pick<CwL2Iterate, "weight" | "tooSmall" | "enough"> {
  const did = tf.cast(reached, "bool");
  const low = tf.where<Tensor1D>(did, tooSmall, tf.maximum<Tensor1D>(tooSmall, weight));
  const high = tf.where<Tensor1D>(did, tf.minimum<Tensor1D>(enough, weight), enough);
  const bounded = tf.less(high, Number.POSITIVE_INFINITY);
  const middle: Tensor1D = tf.mul(tf.add(low, high), 0.5);
  return { weight: tf.where(bounded, middle, tf.mul<Tensor1D>(weight, 10)), tooSmall: low, enough: high };
}
