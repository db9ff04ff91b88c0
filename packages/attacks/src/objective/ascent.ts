import type { Labels, Logits } from "@awp/core";
import { requireArgument, requireLabels } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import type { Goal } from "./goal";
import type { Problem } from "../engine/iterative";
import type { Objective } from "./objective";

/** An objective with its goal: what an attack ascends, and what it compares the logits with on the way. */
export interface Ascent {
  /** The labels, the targets or the clean logits: a new tensor, constant during the attack. */
  readonly reference: (problem: Problem) => Tensor;
  /** Per example, `[batch]`. */
  readonly value: (logits: Logits, reference: Tensor) => Tensor1D;
}

export function ascent(objective: Objective, goal: Goal): Ascent {
  if (objective.against === "clean") {
    requireArgument(goal.kind === "untargeted", "goal", goal.kind, "no target, for an objective against clean logits");
    return {
      reference: ({ classifier, x }) => classifier(x),
      value: (logits, clean) => objective.value(logits, clean as Logits),
    };
  }
  if (goal.kind === "untargeted") {
    return {
      reference: ({ y }) => tf.clone(y),
      value: (logits, labels) => objective.value(logits, labels as Labels),
    };
  }
  const { target } = goal;
  return {
    reference: (problem) => {
      const { y } = problem;
      const targets = typeof target === "function" ? target(y, problem) : target;
      requireLabels("goal.target", targets, y.shape[0]);
      return tf.clone(targets);
    },
    value: (logits, targets) => tf.neg(objective.value(logits, targets as Labels)),
  };
}
