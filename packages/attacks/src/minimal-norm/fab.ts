import {
  type Images,
  type Labels,
  type Logits,
  misclassified,
  type Norm,
  perExampleNorm,
  type ThreatModel,
  type TrackingAttack,
  unitBounds,
} from "@awp/core";
import { perImage, requireArgument, requireCount, requireThreatModel } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { type Boundary, boundaryTo, nearestBoundary } from "./boundary";
import { stepToBoundary } from "./boundary-step";
import type { AttackState, Problem } from "../engine/iterative";
import { type Goal, targetsOf, untargeted } from "../objective/goal";
import { randomDirection } from "../engine/start";
import { tracking } from "../engine/tracking";

/**
 * The threat model and how FAB searches. It looks for the closest adversarial image whatever epsilon is, and only then
 * compares: epsilon decides what counts as broken, and scales the random starts.
 */
export interface FabOptions extends ThreatModel {
  /** Steps from each start. @default 100 */
  readonly steps?: number;
  /** The first starts at the image, the others at random at distance epsilon / 2. @default 1 */
  readonly restarts?: number;
  /**
   * With a target FAB-T, which heads for the boundary to that class; any wrong class counts. Untargeted FAB heads for
   * the nearest class at each step: a backward pass for every class. AutoAttack's are `towardsRank(k)`, k from 2.
   *
   * @default { kind: "untargeted" }
   */
  readonly goal?: Goal;
  /** Largest weight of the way from the clean image. @default 0.1 */
  readonly alphaMax?: number;
  /** How far a step goes past the linearised boundary. @default 1.05 */
  readonly eta?: number;
  /** What is left of the distance after an adversarial image has been found. @default 0.9 */
  readonly beta?: number;
}

/** FAB under way: every tensor has the batch for its first axis. */
export type FabState = AttackState<FabIterate>;

interface FabIterate extends Readonly<Record<string, Tensor>> {
  readonly images: Images;
  /** The closest adversarial images found, the clean ones before any. */
  readonly closest: Images;
  /** The distance of `closest` in the norm; infinite before any. */
  readonly distance: Tensor1D;
  /** The step at which `closest` was found, int32. */
  readonly found: Tensor1D;
  /** The classes to head for, int32; the labels when untargeted. */
  readonly target: Labels;
}

/**
 * The Fast Adaptive Boundary attack, and FAB-T with a goal that is targeted: steps onto the linearised decision boundary inside the
 * box, biased towards the clean image, and back towards it from every adversarial image found.
 *
 * Returns the closest adversarial image found where it is within epsilon, else the clean image, as for one that is
 * misclassified already. The result's objective is the negative distance of the closest, also beyond epsilon:
 * `-Infinity` where none was found. Takes two forward passes and a backward one per step, with a backward pass for
 * every class when untargeted, and one forward pass at the start.
 *
 * @example
 * // AutoAttack's FAB-T towards the likeliest wrong class.
 * const attack = fab({ norm: "linf", epsilon: 8 / 255, goal: towardsRank(2) });
 * @throws ArgumentError for an option out of range; at the start for targets that do not fit.
 * @see Croce and Hein 2020, arXiv:1907.02044
 */
export function fab(options: FabOptions): TrackingAttack<FabState> {
  const { epsilon, steps = 100, restarts = 1, alphaMax = 0.1, eta = 1.05, beta = 0.9, goal = untargeted } = options;
  requireThreatModel(options);
  requireCount("steps", steps);
  requireCount("restarts", restarts);
  requireArgument(alphaMax >= 0 && alphaMax <= 1, "alphaMax", alphaMax, "a number from 0 to 1");
  requireArgument(Number.isFinite(eta) && eta >= 1, "eta", eta, "a finite number, at least 1");
  requireArgument(beta >= 0 && beta <= 1, "beta", beta, "a number from 0 to 1");
  const step = { norm: options.norm, bounds: options.bounds ?? unitBounds, alphaMax, eta };

  function boundary({ classifier, y }: Problem, images: Images, target: Labels): Boundary {
    return goal.kind === "untargeted"
      ? nearestBoundary(classifier, images, y, allClasses, ({ values, normals }) =>
          tf.div(tf.abs(values), tf.add(perExampleNorm(normals, dual[options.norm]), 1e-12)),
        )
      : boundaryTo(classifier, images, y, target);
  }

  return tracking<FabIterate>({
    iterations: steps * restarts,
    start: (problem) => {
      const { classifier, x, y } = problem;
      const logits = classifier(x);
      return {
        images: tf.clone(x),
        closest: tf.clone(x),
        distance: tf.where(wrong(logits, y), tf.zeros([x.shape[0]]), tf.fill([x.shape[0]], Number.POSITIVE_INFINITY)),
        found: tf.zeros([x.shape[0]], "int32"),
        target: targetsOf(goal, problem, () => logits),
      };
    },
    iterate: (problem, { images, closest, distance, found, target }, index) => {
      const { classifier, x, y } = problem;
      const restart = index > 0 && index % steps === 0;
      const from = restart ? randomStart(problem, options, index / steps) : images;
      const to = stepToBoundary(from, x, boundary(problem, from, target), step);
      const adversarial = wrong(classifier(to), y);
      const length = perExampleNorm(tf.sub(to, x), options.norm);
      const closer = tf.logicalAnd<Tensor1D>(adversarial, tf.less(length, distance));
      const back = tf.add<Images>(x, tf.mul(tf.sub(to, x), beta));
      return {
        images: tf.where(perImage(adversarial), back, to),
        closest: tf.where(perImage(closer), to, closest),
        distance: tf.where(closer, length, distance),
        found: tf.where(closer, tf.fill([x.shape[0]], index + 1, "int32"), found),
        target,
      };
    },
    broken: ({ distance }) => within(distance, epsilon),
    result: ({ x }, { closest, distance, found }, done) => {
      const broken = within(distance, epsilon);
      return {
        images: tf.where(perImage(tf.cast(broken, "bool")), closest, x),
        broken,
        iteration: tf.where(tf.cast(broken, "bool"), found, tf.fill(found.shape, done, "int32")),
        objective: tf.neg(distance),
      };
    },
  });
}

/** A start at distance epsilon / 2, box aside, in a direction that each norm draws its own way, as the reference does. */
function randomStart(
  { x, random }: Problem,
  { norm, epsilon, bounds = unitBounds }: FabOptions,
  restart: number,
): Images {
  const offset = tf.mul(randomDirection(x, norm, random.fold(restart)), epsilon / 2);
  return tf.clipByValue(tf.add(x, offset), bounds.low, bounds.high) as Images;
}

const dual: Readonly<Record<Norm, Norm>> = { linf: "l1", l2: "l2", l1: "linf" };

/** The candidates of untargeted FAB: for every class a tensor of it, `[batch]`, int32. */
function allClasses({ shape: [batch, classes] }: Logits): Labels[] {
  return Array.from({ length: classes }, (_, label) => tf.fill<tf.Rank.R1>([batch], label, "int32"));
}

function wrong(logits: Logits, y: Labels): Tensor1D {
  return tf.cast(misclassified(logits, y), "bool");
}

function within(distance: Tensor1D, epsilon: number): Tensor1D {
  return tf.cast(tf.lessEqual<Tensor1D>(distance, epsilon), "int32");
}
