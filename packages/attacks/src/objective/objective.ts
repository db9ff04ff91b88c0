import { crossEntropy, dlr, klDivergence, type Labels, type Logits, margin, targetedDlr } from "@awp/core";
import type { Tensor1D } from "@tensorflow/tfjs-core";

/**
 * What an attack ascends, per example `[batch]`: a differentiable function of the logits `[batch, classes]`, compared
 *
 * - `against: "labels"`: with one class per example. With a goal that is targeted an attack descends it for the targets.
 * - `against: "labels and targets"`: with both; it wants a goal that is targeted.
 * - `against: "clean"`: with the logits of the clean images, which an attack computes once and holds constant; it has no
 *   target.
 */
export type Objective =
  | { readonly against: "labels"; readonly value: (logits: Logits, labels: Labels) => Tensor1D }
  | {
      readonly against: "labels and targets";
      readonly value: (logits: Logits, labels: Labels, targets: Labels) => Tensor1D;
    }
  | { readonly against: "clean"; readonly value: (logits: Logits, clean: Logits) => Tensor1D };

/**
 * `−log softmax(z)_y`: the objective of PGD adversarial training.
 *
 * @example
 * const attack = apgd({ norm: "linf", epsilon: 8 / 255, objective: crossEntropyObjective() });
 * @see Madry et al., arXiv:1706.06083
 */
export function crossEntropyObjective(): Objective {
  return { against: "labels", value: crossEntropy };
}

/**
 * `max_{j≠y} z_j − z_y`: the objective of the CW∞ attack.
 *
 * @example
 * const cwInf = pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 100, objective: marginObjective() });
 * @see Carlini and Wagner, arXiv:1608.04644
 */
export function marginObjective(): Objective {
  return { against: "labels", value: margin };
}

/**
 * The difference of logits ratio, `−(z_y − max_{j≠y} z_j) / (z_(1) − z_(3))`: the margin, whatever the scale of the
 * logits. Wants 3 classes or more.
 *
 * @example
 * const attack = apgd({ norm: "linf", epsilon: 8 / 255, objective: dlrObjective() });
 * @see Croce and Hein, arXiv:2003.01690
 */
export function dlrObjective(): Objective {
  return { against: "labels", value: dlr };
}

/**
 * The targeted difference of logits ratio, `−(z_y − z_t) / (z_(1) − (z_(3) + z_(4)) / 2)`, for a goal that is targeted:
 * what AutoAttack's APGD-T ascends. Wants 4 classes or more.
 *
 * @example
 * const attack = apgd({ norm: "linf", epsilon: 8 / 255, objective: targetedDlrObjective(), goal: towardsRank(2) });
 * @see Croce and Hein, arXiv:2003.01690
 */
export function targetedDlrObjective(): Objective {
  return { against: "labels and targets", value: targetedDlr };
}

/**
 * `KL(softmax f(x) ‖ softmax f(x'))`: the inner maximization of TRADES.
 *
 * Its gradient is zero at `x' = x`: it wants a random start.
 *
 * @example
 * const threat = { norm: "linf", epsilon: 8 / 255 } as const;
 * const attack = pgd({ ...threat, stepSize: 2 / 255, steps: 10, start: "gaussian", objective: klObjective() });
 * const defense = trades({ attack, beta: 6 });
 * @see Zhang et al., arXiv:1901.08573
 */
export function klObjective(): Objective {
  return { against: "clean", value: (logits, clean) => klDivergence(clean, logits) };
}
