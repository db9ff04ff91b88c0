import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { Labels, Logits } from "../contract";
import { requireFraction, requireLabels, requireNonNegative, requireShape } from "../argument";
import { requireArgument } from "../error";
import { type ContractKernel, runNamedKernel } from "../kernel/kernel";
import type { Kernels } from "../kernel/kernels";
import { flooredLog } from "./floored";
import { oneHot, pick, labelProbabilities, requireLogits, requireRowLabels } from "./logit-selection";

/** What {@link crossEntropy} may be asked for. */
export interface CrossEntropyOptions {
  /** The share s of the labels that is spread over all classes: `(1 − s) · label + s / classes`. @default 0 */
  readonly smoothing?: number;
}

/**
 * Cross-entropy of the labels under the softmax of the logits, per example: `-log softmax(z)_y`, `[batch]`, for class
 * indices, and `-Σ_j t_j log softmax(z)_j` for probabilities t, through which no gradient goes.
 *
 * @throws ArgumentError unless logits are `[batch, classes]`, labels `[batch]`, int32, or `[batch, classes]`, float32, and
 * the smoothing a number from 0 to 1.
 * @example
 * const loss = mean(crossEntropy(network.forward(images, "train"), labels));
 */
export function crossEntropy(logits: Logits, labels: Labels, { smoothing = 0 }: CrossEntropyOptions = {}): Tensor1D {
  requireFraction("smoothing", smoothing);
  if (labels.rank === 2) {
    requireLogits("logits", logits);
    requireLabels("labels", labels, logits.shape[0]);
    requireShape("labels", labels, logits.shape, "the shape of logits");
  } else {
    requireRowLabels("labels", labels, logits);
    if (smoothing === 0) return runNamedKernel(crossEntropyKernel, { logits, labels }, {});
  }
  return tf.tidy(() => softCrossEntropy(logits, smoothed(labelProbabilities(labels, logits.shape[1]), smoothing)));
}

function smoothed(targets: Tensor2D, smoothing: number): Tensor2D {
  return smoothing === 0 ? targets : tf.add(tf.mul(targets, 1 - smoothing), smoothing / targets.shape[1]);
}

function softCrossEntropy(logits: Logits, targets: Tensor2D): Tensor1D {
  const loss = tf.customGrad((...args) => {
    const [z, save] = args as unknown as [Logits, (tensors: tf.Tensor[]) => void];
    const logP = tf.logSoftmax(z);
    save([tf.sub(tf.mul(tf.softmax(z), tf.sum(targets, -1, true)), targets)]);
    return {
      value: tf.neg(pick(logP, targets)),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(tf.expandDims(dy, 1), saved[0] as tf.Tensor),
    };
  });
  return loss(logits) as Tensor1D;
}

const crossEntropyKernel: ContractKernel<"SparseCrossEntropy"> = {
  name: "SparseCrossEntropy",
  composite: ({ logits, labels }) => tf.neg(pick(tf.logSoftmax(logits), oneHot(labels, logits))),
  gradient: {
    inputsToSave: ["logits", "labels"],
    gradFunc: (dy, [logits, labels]) => {
      const inputs = { dy, logits, labels } as Kernels["SparseCrossEntropyGrad"]["inputs"];
      return { logits: () => runNamedKernel(crossEntropyGradientKernel, inputs, {}) };
    },
  },
};

const crossEntropyGradientKernel: ContractKernel<"SparseCrossEntropyGrad"> = {
  name: "SparseCrossEntropyGrad",
  composite: ({ dy, logits, labels }) =>
    tf.mul(tf.expandDims(dy, 1), tf.sub(tf.softmax(logits), oneHot(labels, logits))),
};

/** What {@link klDivergence} may be asked for. */
export interface KlDivergenceOptions {
  /** What each probability of Q is raised by before its logarithm is taken; MART has 1e-12. @default 0 */
  readonly floor?: number;
}

/**
 * The Kullback-Leibler divergence `KL(softmax P ‖ softmax Q) = Σ_j p_j (log p_j − log(q_j + floor))` per example,
 * `[batch]`; differentiable in both arguments.
 *
 * It is computed from log-softmaxes, so that classes of vanishing probability give neither NaN nor infinity.
 *
 * @example
 * const divergence = klDivergence(classifier(images), classifier(adversarial)); // [batch]
 * @throws ArgumentError unless both logits are `[batch, classes]`, of one shape, and the floor finite and not negative.
 */
export function klDivergence(logitsP: Logits, logitsQ: Logits, { floor = 0 }: KlDivergenceOptions = {}): Tensor1D {
  requireLogits("logitsP", logitsP);
  requireShape("logitsQ", logitsQ, logitsP.shape, "the shape of logitsP");
  requireNonNegative("floor", floor);
  return tf.tidy(() => kl(logitsP, logitsQ, floor));
}

// Written with its own gradient because the tape's loses digits where P and Q are close: p(r − Σpr) instead of p(1 + r) − p(1 + Σpr).
function kl(logitsP: Logits, logitsQ: Logits, floor: number): Tensor1D {
  const divergence = tf.customGrad((...args) => {
    const [zP, zQ, save] = args as unknown as [Logits, Logits, (tensors: tf.Tensor[]) => void];
    const logP = tf.logSoftmax(zP);
    const logQ = tf.logSoftmax(zQ);
    const p = tf.exp(logP);
    const q = tf.exp(logQ);
    const ratio = tf.sub(logP, floor === 0 ? logQ : flooredLog(logQ, floor));
    const value = tf.sum(tf.mul(p, ratio), -1, true);
    save([tf.mul(p, tf.sub(ratio, value)), floor === 0 ? tf.sub(q, p) : flooredSlope(p, q, logQ, floor)]);
    return {
      value: tf.squeeze(value, [1]),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const rows = tf.expandDims(dy, 1);
        return saved.map((gradient) => tf.mul(rows, gradient));
      },
    };
  });
  return divergence(logitsP, logitsQ) as Tensor1D;
}

/** The gradient in Q's logits, `q Σps − ps` with `s = q / (q + floor)`, the slope of the floored logarithm. */
function flooredSlope(p: tf.Tensor, q: tf.Tensor, logQ: tf.Tensor, floor: number): tf.Tensor {
  const felt = tf.mul(p, tf.sigmoid(tf.sub(logQ, Math.log(floor))));
  return tf.sub(tf.mul(q, tf.sum(felt, -1, true)), felt);
}

/**
 * The mean of per-example losses, a scalar.
 *
 * @example
 * const loss = mean(crossEntropy(classifier(images), labels));
 * @throws ArgumentError for a batch without examples.
 */
export function mean(losses: Tensor1D): Scalar {
  requireArgument(losses.size > 0, "losses", losses.shape, "at least one example");
  return tf.mean(losses);
}
