import type { Labels, Logits } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import type { Problem } from "../engine/iterative";
import { type Goal, targetsOf } from "./goal";
import type { Objective } from "./objective";

/** An objective with its goal: what an attack ascends. */
export interface Ascent {
  /**
   * What the logits are compared with beside the labels: the targets, or the clean logits. A new tensor, constant during
   * the attack, with the batch for its first axis. An attack that knows the clean logits hands them over.
   */
  readonly reference: (problem: Problem, cleanLogits?: Logits) => Tensor;
  /** Per example, `[batch]`. */
  readonly value: (logits: Logits, labels: Labels, reference: Tensor) => Tensor1D;
}

/**
 * Puts an objective and a goal together.
 *
 * @throws ArgumentError naming `goal` for two that do not go together.
 */
export function resolve(objective: Objective, goal: Goal): Ascent {
  const { against } = objective;
  const targeted = goal.kind === "targeted";
  requireArgument(
    !targeted || against !== "clean",
    "goal",
    goal.kind,
    "no target, for an objective against clean logits",
  );
  requireArgument(
    targeted || against !== "labels and targets",
    "goal",
    goal.kind,
    "a target, for an objective that compares with one",
  );
  return {
    reference: (problem, known) => {
      let logits = known;
      const cleanLogits = (): Logits => (logits ??= problem.classifier(problem.x));
      return against === "clean" ? tf.clone(cleanLogits()) : targetsOf(goal, problem, cleanLogits);
    },
    value: (logits, labels, reference) => {
      if (objective.against === "clean") return objective.value(logits, reference as Logits);
      const targets = reference as Labels;
      if (objective.against === "labels and targets") return objective.value(logits, labels, targets);
      return targeted ? tf.neg(objective.value(logits, targets)) : objective.value(logits, labels);
    },
  };
}

/** Throws for an objective whose gradient is zero at the clean images, where the attack starts. */
export function requireSlopeAtClean({ against }: Objective): void {
  requireArgument(against !== "clean", "objective", against, "one against the labels, for an attack from the image");
}
