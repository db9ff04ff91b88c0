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
import {
  oneHot,
  perImage,
  requireArgument,
  requireBounds,
  requireCount,
  requireNonNegative,
} from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { firstFound, type FirstFound, nextFound } from "../engine/first-found";
import type { AttackState, Problem } from "../engine/iterative";
import { tracking } from "../engine/tracking";
import { type Boundary, nearestBoundary } from "./boundary";

export interface DeepFoolOptions {
  /** @default { low: 0, high: 1 } */
  readonly bounds?: Bounds;
  /** @default 50 */
  readonly steps?: number;
  /** The way past the boundary, relative to the way there. @default 0.02 */
  readonly overshoot?: number;
  /** The number of likeliest wrong classes of the clean image that are tried; a backward pass each in every step. @default 9 */
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
 * the result is minus the ℓ2 distance. Takes two forward passes and `candidates` backward ones per step, and one forward
 * pass at the start.
 *
 * @example
 * const nearest = deepFool({ steps: 50 })(classifier, images, labels, random(0));
 * const distances = perExampleNorm(tf.sub(nearest, images), "l2");
 * @throws ArgumentError for an option out of range.
 * @see Moosavi-Dezfooli et al. 2016, arXiv:1511.04599
 */
export function deepFool(options: DeepFoolOptions = {}): TrackingAttack<DeepFoolState> {
  const { bounds = unitBounds, steps = 50, overshoot = 0.02, candidates = 9 } = options;
  requireBounds(bounds);
  requireCount("steps", steps);
  requireNonNegative("overshoot", overshoot);
  requireCount("candidates", candidates);

  return tracking<DeepFoolIterate>({
    iterations: steps,
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
      const way = tf.add<Images>(before.way, stepPastNearest(problem, before));
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
function stepPastNearest({ classifier, y }: Problem, { images, classes }: DeepFoolIterate): Images {
  const candidates = (): Labels[] => tf.unstack(classes, 1) as Labels[];
  const nearest = nearestBoundary(classifier, images, y, candidates, (boundary) => {
    const { gap, slope } = steepness(boundary);
    return tf.div(gap, slope);
  });
  const { gap, slope, direction } = steepness(nearest);
  return tf.mul(direction, perImage(tf.divNoNan(gap, slope)));
}

/** How far the function of a boundary is from 0, its slope in ℓ2, and the direction of that slope. */
function steepness({ values, normals }: Boundary): { gap: Tensor1D; slope: Tensor1D; direction: Images } {
  // Relative to its largest entry, whose square might vanish.
  const largest = perExampleNorm(normals, "linf");
  const scaled = tf.divNoNan<Images>(normals, perImage(largest));
  const length = perExampleNorm(scaled, "l2");
  return {
    gap: tf.add(tf.abs(values), 1e-4),
    slope: tf.mul(largest, length),
    direction: tf.divNoNan(scaled, perImage(length)),
  };
}

/** The classes of the largest logits but the label's, in falling order. */
function likeliestOthers(logits: Logits, y: Labels, count: number): Tensor2D {
  const isLabel = tf.cast(oneHot(y, logits), "bool");
  const others = tf.where(isLabel, tf.fill(logits.shape, Number.NEGATIVE_INFINITY), logits);
  return tf.topk(others, count).indices as Tensor2D;
}
