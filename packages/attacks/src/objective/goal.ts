import { integers, type Labels, type Logits, type Random } from "@awp/core";
import { requireArgument, requireCount, requireClassIndices } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D } from "@tensorflow/tfjs-core";
import type { Problem } from "../engine/iterative";

/** What targets may be chosen by, beside the labels. */
export interface TargetChoice {
  /** The logits of the clean images, `[batch, classes]`: one forward pass, none where the attack has made it. */
  readonly cleanLogits: () => Logits;
  /** The attack's randomness, with its key per row if it has them. */
  readonly random: Random;
}

/**
 * Where an attack leads: away from the labels, or towards a target.
 *
 * `target` is a class for each image, `[batch]`, int32: a tensor, or a function of the labels, which are indices then, and what else a target may
 * be chosen by, for instance `(y) => tf.cast(tf.mod(tf.add(y, 1), 10), "int32")`. A tensor stays the caller's; what the
 * function creates is freed.
 */
export type Goal =
  | { readonly kind: "untargeted" }
  | { readonly kind: "targeted"; readonly target: Tensor1D | ((y: Tensor1D, choice: TargetChoice) => Tensor1D) };

/** The default of every attack: any wrong class. */
export const untargeted: Goal = { kind: "untargeted" };

/**
 * The goal of one class for every image.
 *
 * @example
 * // Every image is to be taken for class 3.
 * const attack = pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 20, goal: towardsClass(3) });
 * @throws ArgumentError unless `label` is an integer from 0.
 */
export function towardsClass(label: number): Goal {
  requireArgument(Number.isSafeInteger(label) && label >= 0, "label", label, "a class, from 0");
  return { kind: "targeted", target: (y) => tf.fill<tf.Rank.R1>([y.shape[0]], label, "int32") };
}

const draws = { target: -1 } as const; // attacks fold by what is not negative

/**
 * The goal of a class that is drawn for each image among the others; by a row's key, where the randomness has keys.
 *
 * @example
 * const attack = pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 20, goal: towardsRandom(10) });
 * @throws ArgumentError with fewer than 2 classes.
 */
export function towardsRandom(classes: number): Goal {
  requireArgument(Number.isSafeInteger(classes) && classes >= 2, "classes", classes, "how many there are, at least 2");
  return {
    kind: "targeted",
    target: (y, { random }) => {
      const other = tf.add(y, integers(random.fold(draws.target), y.shape, 1, classes));
      return tf.mod<Tensor1D>(other, tf.scalar(classes, "int32"));
    },
  };
}

/**
 * The goal of the class that the classifier finds least likely for the clean image.
 *
 * @example
 * const attack = pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 20, goal: towardsLeastLikely() });
 */
export function towardsLeastLikely(): Goal {
  return {
    kind: "targeted",
    target: (_y, { cleanLogits }) => tf.argMax<Tensor1D>(tf.neg(cleanLogits()), -1),
  };
}

/**
 * The goal of the class of the `rank`-th largest logit of the clean image, from 1: for an image that is classified
 * correctly 1 is its label, 2 the likeliest wrong class. AutoAttack's targeted attacks go through the ranks from 2.
 *
 * @example
 * const attack = apgd({ norm: "linf", epsilon: 8 / 255, objective: targetedDlrObjective(), goal: towardsRank(2) });
 * @throws ArgumentError unless `rank` is a positive integer; when the attack starts, with fewer classes than that.
 */
export function towardsRank(rank: number): Goal {
  requireCount("rank", rank);
  return {
    kind: "targeted",
    target: (_y, { cleanLogits }) => {
      const logits = cleanLogits();
      const classes = logits.shape[1];
      requireArgument(rank <= classes, "rank", rank, `at most the number of classes, ${classes}`);
      return tf.squeeze(tf.slice(tf.topk(logits, rank).indices, [0, rank - 1], [-1, 1]), [1]);
    },
  };
}

/** The targets of a goal, a new tensor `[batch]`, int32: the labels of one that is untargeted. */
export function targetsOf(goal: Goal, { y, random }: Problem, cleanLogits: () => Logits): Labels {
  if (goal.kind === "untargeted") return tf.clone(y);
  const { target } = goal;
  const chosen = (choose: Exclude<typeof target, Tensor1D>): Tensor1D => {
    requireClassIndices("y", y, y.shape[0]);
    return choose(y, { cleanLogits, random });
  };
  const targets = typeof target === "function" ? chosen(target) : target;
  requireClassIndices("goal.target", targets, y.shape[0]);
  return tf.clone(targets);
}
