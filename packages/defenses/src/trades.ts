import { type Attack, crossEntropy, type Defense, klDivergence, type Labels, type Logits, type Mode } from "@awp/core";
import { requireNonNegative, requireShape } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D } from "@tensorflow/tfjs-core";
import { innerAttack, moveStatistics } from "./inner-attack";

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
 * @throws ArgumentError for a `beta` that is negative or not finite, and an unknown `attackMode`.
 * @see Zhang et al. 2019, arXiv:1901.08573
 */
export function trades({ attack, beta = 6, attackMode = "eval", auxiliaryForwards = false }: TradesOptions): Defense {
  requireNonNegative("beta", beta);
  return {
    attack: innerAttack(attack, attackMode),
    loss: (network, { images, labels }, adversarial, mode) =>
      tf.tidy(() => {
        const attacked = network.forward(adversarial, mode);
        const natural = network.forward(images, mode);
        if (auxiliaryForwards && mode === "train") moveStatistics(network, images);
        return tradesLoss(natural, attacked, labels, beta);
      }),
  };
}

/**
 * The loss of {@link trades} per example, `[batch]`, from the logits of x and of x', `[batch, classes]`; differentiable
 * in both. A new tensor.
 *
 * @throws ArgumentError for logits of two shapes, labels that are not int32 `[batch]`, and a `beta` out of range.
 */
export function tradesLoss(natural: Logits, adversarial: Logits, labels: Labels, beta: number): Tensor1D {
  requireShape("adversarial", adversarial, natural.shape, "the shape of natural");
  requireNonNegative("beta", beta);
  return tf.tidy(() =>
    tf.add<Tensor1D>(crossEntropy(natural, labels), tf.mul(beta, klDivergence(natural, adversarial))),
  );
}
