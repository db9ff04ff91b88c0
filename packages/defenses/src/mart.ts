import { type Attack, crossEntropy, type Defense, klDivergence, type Labels, type Logits, type Mode } from "@awp/core";
import { bestOther, flooredLog, oneHot, requireNonNegative, requireShape } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { innerAttack } from "./inner-attack";

export interface MartOptions {
  /**
   * The inner maximization, at each step. The authors' climbs the cross-entropy in ten steps from beside x:
   * `pgd({ norm, epsilon, stepSize, steps: 10, start: "gaussian" })` of `@awp/attacks`.
   */
  readonly attack: Attack;
  /** The weight of the divergence; the authors' ResNet-18 has 5. @default 6 */
  readonly beta?: number;
  /** The network's mode while it is attacked. @default "eval" */
  readonly attackMode?: Mode;
}

/**
 * MART: min_w mean [BCE(q, y) + beta · (1 − p_y) · KL(p ‖ q)], with p = softmax f_w(x), q = softmax f_w(x'), x' what
 * `attack` makes of x, and BCE(q, y) = −log q_y − log(1 − max_{j≠y} q_j). The gradient goes through all of p and q.
 *
 * The authors' constants are kept: 1e-4 beside 1 − q, 1e-12 beside q in the divergence, 1e-7 beside 1 − p_y. The running
 * statistics move twice a step, on x and then on x'.
 *
 * @example
 * const attack = pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 10 });
 * const defense = mart({ attack, beta: 6 });
 * @throws ArgumentError for a `beta` that is negative or not finite, and an unknown `attackMode`.
 * @see Wang et al. 2020, "Improving Adversarial Robustness Requires Revisiting Misclassified Examples", ICLR
 */
export function mart({ attack, beta = 6, attackMode = "eval" }: MartOptions): Defense {
  requireNonNegative("beta", beta);
  return {
    attack: innerAttack(attack, attackMode),
    loss: (network, { images, labels }, adversarial, mode) =>
      tf.tidy(() => {
        const natural = network.forward(images, mode);
        return martLoss(natural, network.forward(adversarial, mode), labels, beta);
      }),
  };
}

/**
 * The loss of {@link mart} per example, `[batch]`, from the logits of x and of x', `[batch, classes]`; differentiable in
 * both. A new tensor.
 *
 * Every probability beside 1 is taken as the sum of the others, in logarithms: loss and gradient are finite for all
 * finite logits, also in half precision.
 *
 * @example
 * const losses = martLoss(network.forward(images, "train"), network.forward(adversarial, "train"), labels, 6);
 * @throws ArgumentError for fewer than 2 classes, logits of two shapes, labels that are not int32 `[batch]`, and a `beta`
 * out of range.
 */
export function martLoss(natural: Logits, adversarial: Logits, labels: Labels, beta: number): Tensor1D {
  requireShape("adversarial", adversarial, natural.shape, "the shape of natural");
  requireNonNegative("beta", beta);
  return tf.tidy(() => {
    const divergence = klDivergence(natural, adversarial, { floor: 1e-12 });
    const boosted = boostedCrossEntropy(adversarial, labels);
    const doubt = tf.exp(flooredLog(logComplement(natural, oneHot(labels, natural)), 1e-7));
    return tf.add<Tensor1D>(boosted, tf.mul(beta, tf.mul(doubt, divergence)));
  });
}

/** `−log q_y − log(1 − q_k + 1e-4)`, k the likeliest wrong class: the second term pushes that one down. */
function boostedCrossEntropy(logits: Logits, labels: Labels): Tensor1D {
  const margin = flooredLog(logComplement(logits, bestOther(logits, labels)), 1e-4);
  return tf.sub(crossEntropy(logits, labels), margin);
}

/** `log(1 − softmax(z)_k)` as the logarithm of the other classes' sum; k is given one-hot. */
function logComplement(logits: Logits, places: Tensor2D): Tensor1D {
  const others = tf.where(
    tf.cast(places, "bool"),
    tf.fill(logits.shape, Number.NEGATIVE_INFINITY),
    tf.logSoftmax(logits),
  );
  return tf.logSumExp(others, -1);
}
