import { type Attack, crossEntropy, type Defense, klDivergence, type Labels, type Logits, type Mode } from "@awp/core";
import { requireFraction, requireNonNegative, requireShape } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D } from "@tensorflow/tfjs-core";
import { comparedAnswers } from "./compared-answers";
import { moveStatistics } from "./inner-attack";

export interface TradesOptions {
  /**
   * The inner maximization, at each step. The authors' climbs `KL(p(x) ‖ p(x'))` in ten steps from beside x:
   * `pgd({ norm, epsilon, stepSize, steps: 10, start: "gaussian", objective: klObjective() })` of `@awp/attacks`.
   */
  readonly attack: Attack;
  /** The weight of the divergence. @default 6 */
  readonly beta?: number;
  /** The network's mode while it is attacked. @default "eval" */
  readonly attackMode?: Mode;
  /** The label smoothing of the cross-entropy on x; arXiv:2302.04638 has 0.1. @default 0 */
  readonly labelSmoothing?: number;
  /**
   * Makes the second forward pass on the clean images that the reference implementation makes, for the cross-entropy
   * apart from the divergence. It moves the running statistics a third time in each step and changes nothing else.
   *
   * @default false
   */
  readonly auxiliaryForwards?: boolean;
}

/**
 * TRADES: min_w mean [CE(f_w(x), y) + beta · KL(p_w(x) ‖ p_w(x'))], where x' is what `attack` makes of x. The gradient
 * goes through both sides of the divergence.
 *
 * The running statistics move twice a step, on x' and then on x; with `auxiliaryForwards` on x once more.
 *
 * @example
 * const threat = { norm: "linf", epsilon: 8 / 255 } as const;
 * const attack = pgd({ ...threat, stepSize: 2 / 255, steps: 10, start: "gaussian", objective: klObjective() });
 * const defense = trades({ attack, beta: 6 });
 * @throws ArgumentError for a `beta` that is negative or not finite, a `labelSmoothing` outside [0, 1], and an unknown
 * `attackMode`.
 * @see Zhang et al. 2019, arXiv:1901.08573
 */
export function trades(options: TradesOptions): Defense {
  const { attack, beta = 6, attackMode = "eval", labelSmoothing = 0, auxiliaryForwards = false } = options;
  requireNonNegative("beta", beta);
  requireFraction("labelSmoothing", labelSmoothing);
  const defense = comparedAnswers({ attack, attackMode }, (natural, adversarial, labels) =>
    tradesLoss(natural, adversarial, labels, beta, labelSmoothing),
  );
  if (!auxiliaryForwards) return defense;
  return {
    ...defense,
    loss: (network, batch, adversarial, mode) =>
      tf.tidy(() => {
        const losses = defense.loss(network, batch, adversarial, mode);
        if (mode === "train") moveStatistics(network, batch.images);
        return losses;
      }),
  };
}

/**
 * The loss of {@link trades} per example, `[batch]`, from the logits of x and of x', `[batch, classes]`; differentiable
 * in both. A new tensor.
 *
 * @example
 * const losses = tradesLoss(network.forward(images, "train"), network.forward(adversarial, "train"), labels, 6);
 * @throws ArgumentError for logits of two shapes, labels that do not fit them, and a `beta` or a smoothing out of range.
 */
export function tradesLoss(
  natural: Logits,
  adversarial: Logits,
  labels: Labels,
  beta: number,
  labelSmoothing = 0,
): Tensor1D {
  requireShape("adversarial", adversarial, natural.shape, "the shape of natural");
  requireNonNegative("beta", beta);
  return tf.tidy(() => {
    const clean = crossEntropy(natural, labels, { smoothing: labelSmoothing });
    return tf.add<Tensor1D>(clean, tf.mul(beta, klDivergence(natural, adversarial)));
  });
}
