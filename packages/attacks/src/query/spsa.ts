import {
  type Images,
  misclassified,
  projectOntoThreat,
  type Random,
  type ThreatModel,
  type TrackingAttack,
} from "@awp/core";
import { randomSigns, requireArgument, requireCount, requirePositive, requireThreatModel } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { adamDirection, nextMoments } from "../engine/adam";
import { firstFound, type FirstFound, nextFound } from "../engine/first-found";
import { type Goal, untargeted } from "../objective/goal";
import type { AttackState, Problem } from "../engine/iterative";
import { comparable, followable } from "../engine/not-a-number";
import { marginObjective, type Objective } from "../objective/objective";
import { requireSlopeAtClean, resolve } from "../objective/resolve";
import { tracking } from "../engine/tracking";

/** The threat model, of norm `"linf"` or `"l2"`, and how the gradient is estimated and followed. */
export interface SpsaOptions extends ThreatModel {
  /** @default 100 */
  readonly steps?: number;
  /** Random directions in each step; two queries each. @default 128 */
  readonly samples?: number;
  /** How far along a direction the classifier is asked, in the scale of `bounds`. @default 0.01 */
  readonly delta?: number;
  /** The learning rate of Adam, in the scale of `bounds`: about the length of a step in each pixel. @default 0.01 */
  readonly learningRate?: number;
  /** Directions that are asked about at once: what memory allows. The result does not depend on it, but for rounding. @default 1 */
  readonly sampleBatch?: number;
  /** What is ascended. @default marginObjective() */
  readonly objective?: Objective;
  /** @default { kind: "untargeted" } */
  readonly goal?: Goal;
}

/** SPSA under way. */
export type SpsaState = AttackState<SpsaIterate>;

type SpsaIterate = FirstFound & {
  readonly images: Images;
  /** Adam's moments. */
  readonly mean: Images;
  readonly square: Images;
  readonly reference: Tensor;
  readonly objective: Tensor1D;
};

/**
 * Simultaneous perturbation stochastic approximation: needs no gradient. Each step estimates that of the objective by
 * differences along random directions of ±1 in each pixel, and is Adam's.
 *
 * Starts at the image, asks outside the box by `delta` at most, and returns, per example, the first iterate that the
 * classifier errs on, else the last. Takes `steps · (2 · samples + 1) + 1` forward passes per example.
 *
 * @example
 * const attack = spsa({ norm: "linf", epsilon: 8 / 255, steps: 100, samples: 128 });
 * const adversarial = attack(classifier, images, labels, random(0));
 * @throws ArgumentError for an option out of range and norm `"l1"`.
 * @see Uesato et al. 2018, arXiv:1802.05666
 */
export function spsa(options: SpsaOptions): TrackingAttack<SpsaState> {
  const { steps = 100, samples = 128, delta = 0.01, learningRate = 0.01, sampleBatch = 1 } = options;
  const { objective = marginObjective(), goal = untargeted } = options;
  requireThreatModel(options);
  requireArgument(options.norm !== "l1", "norm", options.norm, '"linf" or "l2"');
  requireCount("steps", steps);
  requireCount("samples", samples);
  requirePositive("delta", delta);
  requirePositive("learningRate", learningRate);
  requireCount("sampleBatch", sampleBatch);
  requireSlopeAtClean(objective);
  const { reference: referenceOf, value } = resolve(objective, goal);

  function estimate({ classifier, y }: Problem, { images, reference }: SpsaIterate, random: Random): Images {
    let sum = tf.zerosLike(images);
    for (let first = 0; first < samples; first += sampleBatch) {
      const count = Math.min(sampleBatch, samples - first);
      const next = tf.tidy((): Images => {
        const directions = Array.from({ length: count }, (_, k) => randomSigns(random.fold(first + k), images.shape));
        const repeated = <T extends Tensor>(tensor: T): T => tf.concat(Array.from({ length: count }, () => tensor));
        const [labels, references] = [repeated(y), repeated(reference)];
        const values = (side: number): Tensor => {
          const asked = directions.map((direction) => tf.add<Images>(images, tf.mul(direction, side * delta)));
          return value(classifier(tf.concat(asked)), labels, references);
        };
        // A direction in which the classifier answers with no number tells nothing.
        const slopes = followable(tf.div(tf.sub(values(1), values(-1)), 2 * delta));
        return tf.add(sum, tf.sum(tf.mul(tf.stack(directions), tf.reshape(slopes, [count, -1, 1, 1, 1])), 0));
      });
      sum.dispose();
      sum = next;
    }
    return tf.div(sum, samples);
  }

  return tracking<SpsaIterate>({
    iterations: steps,
    start: (problem) => {
      const { classifier, x, y } = problem;
      const logits = classifier(x);
      const reference = referenceOf(problem, logits);
      return {
        images: tf.clone(x),
        mean: tf.zerosLike(x),
        square: tf.zerosLike(x),
        reference,
        ...firstFound(x, logits, y),
        objective: comparable(value(logits, y, reference), misclassified(logits, y)),
      };
    },
    iterate: (problem, before, index) => {
      const { classifier, x, y, random } = problem;
      const { mean, square } = nextMoments(before, estimate(problem, before, random.fold(index)));
      const step = tf.mul(adamDirection({ mean, square }, index + 1), learningRate);
      const images = projectOntoThreat(tf.add(before.images, step), x, options);
      const logits = classifier(images);
      const wrong = misclassified(logits, y);
      const settled = tf.cast(before.broken, "bool");
      return {
        ...nextFound(before, images, wrong, index + 1),
        images,
        mean,
        square,
        reference: before.reference,
        objective: tf.where(settled, before.objective, comparable(value(logits, y, before.reference), wrong)),
      };
    },
    broken: ({ broken }) => broken,
    result: (_problem, { found, broken, iteration, objective }) => ({
      images: tf.clone(found),
      broken: tf.clone(broken),
      iteration: tf.clone(iteration),
      objective: tf.clone(objective),
    }),
  });
}
