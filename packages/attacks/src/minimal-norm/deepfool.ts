import {
  type Bounds,
  type Images,
  type Labels,
  type Logits,
  misclassified,
  perExampleNorm,
  type TrackingAttack,
  unitBounds,
} from "@awp/core";
import { perImage, requireArgument, requireBounds, requireCount, requireNonNegative } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { expectedGradient } from "../engine/expected-gradient";
import { firstFound, type FirstFound, nextFound } from "../engine/first-found";
import type { AttackState, Problem } from "../engine/iterative";
import { tracking } from "../engine/tracking";

export interface DeepFoolOptions {
  /** @default { low: 0, high: 1 } */
  readonly bounds?: Bounds;
  /** @default 50 */
  readonly iterations?: number;
  /** How far past the boundary, relative to the way there. @default 0.02 */
  readonly overshoot?: number;
  /** Only the so many likeliest wrong classes of the clean image are tried; a pass each in every iteration. @default 9 */
  readonly candidates?: number;
}

/** DeepFool under way. */
export type DeepFoolState = AttackState<DeepFoolIterate>;

type DeepFoolIterate = FirstFound & {
  readonly images: Images;
  /** The way so far, before the overshoot. */
  readonly way: Images;
  /** The wrong classes to try, `[batch, candidates]`, int32. */
  readonly classes: Tensor2D;
};

/**
 * DeepFool: again and again to the nearest of the linearised boundaries to other classes, in ℓ2, without a limit on the
 * distance: what it finds is close to the nearest misclassified image.
 *
 * Returns, per example, the first iterate that the classifier errs on, else the last, inside the box. The `objective` of
 * the result is minus the ℓ2 distance. Takes `candidates` forward and backward passes and one forward pass an iteration.
 *
 * @throws ArgumentError for an option out of range.
 * @see Moosavi-Dezfooli et al. 2016, arXiv:1511.04599
 */
export function deepFool(options: DeepFoolOptions = {}): TrackingAttack<DeepFoolState> {
  const { bounds = unitBounds, iterations = 50, overshoot = 0.02, candidates = 9 } = options;
  requireBounds(bounds);
  requireCount("iterations", iterations);
  requireNonNegative("overshoot", overshoot);
  requireCount("candidates", candidates);

  return tracking<DeepFoolIterate>({
    iterations,
    start: ({ classifier, x, y }) => {
      const logits = classifier(x);
      requireArgument(logits.shape[1] >= 2, "logits", logits.shape, "at least 2 classes");
      return {
        images: tf.clone(x),
        way: tf.zerosLike(x),
        classes: likeliestOthers(logits, y, Math.min(candidates, logits.shape[1] - 1)),
        ...firstFound(x, logits, y),
      };
    },
    iterate: (problem, before, index) => {
      const { classifier, x, y } = problem;
      const way = tf.add<Images>(before.way, nearestBoundary(problem, before));
      const moved: Images = tf.add(x, tf.mul(way, 1 + overshoot));
      const images: Images = tf.clipByValue<Images>(moved, bounds.low, bounds.high);
      const found = nextFound(before, images, misclassified(classifier(images), y), index + 1);
      return { ...found, images, way, classes: before.classes };
    },
    broken: ({ broken }) => broken,
    result: ({ x }, { found, broken, iteration }) => ({
      images: tf.clone(found),
      broken: tf.clone(broken),
      iteration: tf.clone(iteration),
      objective: tf.neg(perExampleNorm(tf.sub(found, x), "l2")),
    }),
  });
}

/** The way to the nearest linearised boundary, and a little further, as the reference implementation. */
function nearestBoundary({ classifier, y }: Problem, { images, classes }: DeepFoolIterate): Images {
  let [nearest, way] = [tf.fill<tf.Rank.R1>(y.shape, Number.POSITIVE_INFINITY), tf.zerosLike(images)];
  for (const other of tf.unstack(classes, 1)) {
    const next = tf.tidy((): [Tensor1D, Images] => {
      const lead = (logits: Logits): Tensor1D => tf.sum(tf.mul(logits, difference(other as Labels, y, logits)), 1);
      const { value, gradient } = expectedGradient(classifier, images, lead, 1);
      // Relative to its largest entry, whose square might vanish.
      const largest = perExampleNorm(gradient, "linf");
      const scaled = tf.divNoNan<Images>(gradient, perImage(largest));
      const length = perExampleNorm(scaled, "l2");
      const gap = tf.add(tf.abs(value), 1e-4);
      const distance = tf.div<Tensor1D>(gap, tf.mul(largest, length));
      const nearer = tf.less(distance, nearest);
      const step: Images = tf.mul(tf.divNoNan(scaled, perImage(length)), perImage(distance));
      return [tf.where(nearer, distance, nearest), tf.where(perImage(nearer), step, way)];
    });
    tf.dispose([nearest, way]);
    [nearest, way] = next;
  }
  return way;
}

/** The classes of the largest logits but the label's, in falling order. */
function likeliestOthers(logits: Logits, y: Labels, count: number): Tensor2D {
  const isLabel = tf.cast(tf.oneHot(y, logits.shape[1]), "bool");
  const others = tf.where(isLabel, tf.fill(logits.shape, Number.NEGATIVE_INFINITY), logits);
  return tf.topk(others, count).indices as Tensor2D;
}

/** 1 for the one class, −1 for the other: what picks the difference of two logits. */
function difference(a: Labels, b: Labels, logits: Logits): Tensor2D {
  const classes = logits.shape[1];
  const signs: Tensor2D = tf.sub(tf.oneHot(a, classes), tf.oneHot(b, classes));
  return tf.cast(signs, "float32");
}
