import { type Attack, crossEntropy, type Defense, type Labels, type Logits, type Mode } from "@awp/core";
import { labelProbabilities, requireNonNegative, requireShape } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { comparedAnswers } from "./compared-answers";

/** The weights of both terms of {@link dklLoss}, and of the classes in one of them. */
export interface DklWeights {
  /** The weight of the cross-entropy between the answers. @default 4 */
  readonly alpha?: number;
  /** The weight of the squared differences of logits. @default 20 */
  readonly beta?: number;
  /**
   * How much each class counts in the squared differences of an image of class y: row y, `[classes, classes]`, not
   * negative, of which only the proportions matter. Stays the caller's; a variable may be assigned between steps.
   *
   * @default all alike
   */
  readonly prior?: Tensor2D;
}

export interface DklOptions extends DklWeights {
  /**
   * The inner maximization, at each step. The authors' climbs `KL(p(x) ‖ p(x'))` from beside x, as that of `trades`, in
   * 2 or 5 steps, by its budget, and with an epsilon that grows over all epochs.
   */
  readonly attack: Attack;
  /** The network's mode while it is attacked. @default "eval" */
  readonly attackMode?: Mode;
}

/**
 * Training with the improved Kullback-Leibler divergence (IKL, of the decoupled one, DKL): min_w mean of {@link dklLoss}.
 *
 * The authors make `prior` anew after each epoch: row y is the mean, over the epoch's images of class y, of
 * softmax(f_w(x) / 4), with all classes alike in the first one. No defense knows of epochs: what is not given is uniform
 * here. Their growing epsilon and their average of the weights are the training's to arrange.
 *
 * The running statistics move twice a step, on x' and then on x.
 *
 * @example
 * const threat = { norm: "linf", epsilon: 8 / 255 } as const;
 * const attack = pgd({ ...threat, stepSize: 2 / 255, steps: 10, start: "gaussian", objective: klObjective() });
 * const defense = dkl({ attack, alpha: 4, beta: 20 });
 * @throws ArgumentError for a weight that is negative or not finite, a `prior` that is not square, and an unknown
 * `attackMode`.
 * @see Cui et al. 2023, "Decoupled Kullback-Leibler Divergence Loss", arXiv:2305.13948
 */
export function dkl({ attack, attackMode = "eval", ...weights }: DklOptions): Defense {
  requireWeights(weights);
  return comparedAnswers({ attack, attackMode }, (natural, adversarial, labels) =>
    dklLoss(natural, adversarial, labels, weights),
  );
}

/**
 * The loss of {@link dkl} per example, `[batch]`, from the logits n of x and a of x', `[batch, classes]`. A new tensor.
 *
 * `CE(n, y) − alpha · Σ_j softmax(n)_j log softmax(a)_j + beta · ¼ Σ_ij P_i P_j ((n_i − n_j) − (a_i − a_j))²`, with P the
 * prior's row of y over its sum. The gradient goes through a everywhere, and through n but for softmax(n). The double sum
 * is computed as what it is, twice the variance of n − a under P.
 *
 * @example
 * const losses = dklLoss(network.forward(images, "train"), network.forward(adversarial, "train"), labels);
 * @throws ArgumentError for logits of two shapes, labels or a prior that do not fit them, and a weight out of range.
 */
export function dklLoss(natural: Logits, adversarial: Logits, labels: Labels, weights: DklWeights = {}): Tensor1D {
  const { alpha = 4, beta = 20, prior } = weights;
  const classes = natural.shape[1];
  requireShape("adversarial", adversarial, natural.shape, "the shape of natural");
  requireWeights(weights);
  if (prior !== undefined) requireShape("prior", prior, [classes, classes], "a row of weights for each class");
  return tf.tidy(() => {
    const clean = crossEntropy(natural, labels);
    const imitation = crossEntropy(adversarial, tf.softmax(natural));
    const given = prior && tf.matMul(labelProbabilities(labels, classes), prior as Tensor2D);
    const share = given === undefined ? tf.scalar(1 / classes) : tf.div(given, tf.sum(given, 1, true));
    const spread = tf.mul(variance(tf.sub(natural, adversarial), share), beta / 2);
    return tf.add<Tensor1D>(clean, tf.add(tf.mul(alpha, imitation), spread));
  });
}

/** The variance of each row under weights that sum up to 1. */
function variance(values: Tensor2D, share: Tensor): Tensor1D {
  const centred = tf.sub(values, tf.sum(tf.mul(share, values), 1, true));
  return tf.sum(tf.mul(share, tf.square(centred)), 1);
}

function requireWeights({ alpha = 4, beta = 20, prior }: DklWeights): void {
  requireNonNegative("alpha", alpha);
  requireNonNegative("beta", beta);
  if (prior) requireShape("prior", prior, [prior.shape[0], prior.shape[0]], "a square");
}
