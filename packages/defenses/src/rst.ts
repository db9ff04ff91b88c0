import { type Defense, type Labels, type Logits, crossEntropy, klDivergence } from "@awp/core";
import { requireClassIndices, requireNonNegative, requireShape } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D } from "@tensorflow/tfjs-core";
import { comparedAnswers } from "./compared-answers";
import type { TradesOptions } from "./trades";

/** The attack, `beta` and `attackMode` of {@link trades}, and what else RST has. */
export interface RstOptions extends Pick<TradesOptions, "attack" | "beta" | "attackMode"> {
  /** The weight of the entropy of the answers to images without a label. @default 0 */
  readonly entropyWeight?: number;
}

/**
 * Robust self-training: TRADES on batches in which some images have a pseudo-label, and those with label −1 none. The
 * latter count in the divergence alone: min_w mean_labelled CE(f_w(x), y) + beta · mean KL(p_w(x) ‖ p_w(x')), and with
 * an `entropyWeight` that many times the mean entropy of p_w(x) over the images without a label.
 *
 * With all labels it is {@link trades}; a batch without any is no error. Both means over a part of the batch are of the
 * part that is in memory: with micro-batches each has its own. Running statistics move as in TRADES.
 *
 * @example
 * const threat = { norm: "linf", epsilon: 8 / 255 } as const;
 * const attack = pgd({ ...threat, stepSize: 2 / 255, steps: 10, start: "gaussian", objective: klObjective() });
 * const defense = rst({ attack, beta: 6 }); // an image without a label has −1
 * @throws ArgumentError for a `beta` or an `entropyWeight` that is negative or not finite, and an unknown `attackMode`.
 * @see Carmon et al. 2019, arXiv:1905.13736
 */
export function rst({ attack, beta = 6, attackMode = "eval", entropyWeight = 0 }: RstOptions): Defense {
  requireNonNegative("beta", beta);
  requireNonNegative("entropyWeight", entropyWeight);
  return comparedAnswers({ attack, attackMode }, (natural, adversarial, labels) =>
    rstLoss(natural, adversarial, labels, beta, entropyWeight),
  );
}

/**
 * The loss of {@link rst} per example, `[batch]`, from the logits of x and of x', `[batch, classes]`; differentiable in
 * both. A new tensor. Its mean is RST's: a labelled example's cross-entropy is raised by batch / labelled examples.
 *
 * @example
 * const losses = rstLoss(network.forward(images, "train"), network.forward(adversarial, "train"), labels, 6);
 * @throws ArgumentError for logits of two shapes, labels that are not int32 `[batch]`, and a weight out of range.
 */
export function rstLoss(
  natural: Logits,
  adversarial: Logits,
  labels: Labels,
  beta: number,
  entropyWeight = 0,
): Tensor1D {
  requireShape("adversarial", adversarial, natural.shape, "the shape of natural");
  requireClassIndices("labels", labels, natural.shape[0]);
  requireNonNegative("beta", beta);
  requireNonNegative("entropyWeight", entropyWeight);
  return tf.tidy(() => {
    const labelled = tf.greaterEqual<Tensor1D>(labels, tf.scalar(0, "int32"));
    const clean = meanOver(labelled, crossEntropy(natural, labels));
    const loss = tf.add<Tensor1D>(clean, tf.mul(beta, klDivergence(natural, adversarial)));
    if (entropyWeight === 0) return loss;
    return tf.add(loss, tf.mul(entropyWeight, meanOver(tf.logicalNot(labelled), entropy(natural))));
  });
}

/** The losses of the chosen examples, weighed so that their mean over the batch is the mean over the chosen; else 0. */
function meanOver(chosen: Tensor1D, losses: Tensor1D): Tensor1D {
  const counted = tf.cast<Tensor1D>(chosen, "float32");
  const scale = tf.div(losses.size, tf.maximum(tf.sum(counted), 1));
  return tf.mul<Tensor1D>(losses, tf.mul(counted, scale));
}

function entropy(logits: Logits): Tensor1D {
  const logP = tf.logSoftmax(logits);
  return tf.neg(tf.sum<Tensor1D>(tf.mul(tf.exp(logP), logP), -1));
}
