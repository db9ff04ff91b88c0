import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { Labels, Logits } from "./contract";
import { requireArgument } from "./error";

/**
 * Cross-entropy of the labels under the softmax of the logits, per example: `-log softmax(z)_y`, `[batch]`.
 *
 * @throws ArgumentError unless logits are `[batch, classes]` and labels `[batch]`, int32.
 */
export function crossEntropy(logits: Logits, labels: Labels): Tensor1D {
  requireLabels(logits, labels, "labels");
  return tf.tidy(() => tf.neg(pick(tf.logSoftmax(logits), oneHot(labels, logits))));
}

/**
 * `KL(softmax P ‖ softmax Q) = Σ_j p_j (log p_j − log q_j)` per example, `[batch]`; differentiable in both arguments.
 *
 * Computed from log-softmaxes, so that classes of vanishing probability give neither NaN nor infinity.
 */
export function klDivergence(logitsP: Logits, logitsQ: Logits): Tensor1D {
  requireLogits(logitsP, "logitsP");
  requireArgument(
    tf.util.arraysEqual(logitsP.shape, logitsQ.shape),
    "logitsQ",
    logitsQ.shape,
    `the shape of logitsP, [${logitsP.shape}]`,
  );
  return tf.tidy(() => kl(logitsP, logitsQ));
}

// Written with its own gradient because the tape's loses digits where P and Q are close: p(r − Σpr) instead of p(1 + r) − p(1 + Σpr).
function kl(logitsP: Logits, logitsQ: Logits): Tensor1D {
  const divergence = tf.customGrad((...args) => {
    const [zP, zQ, save] = args as unknown as [Logits, Logits, (tensors: tf.Tensor[]) => void];
    const logP = tf.logSoftmax(zP);
    const logQ = tf.logSoftmax(zQ);
    const p = tf.exp(logP);
    const ratio = tf.sub(logP, logQ);
    const value = tf.sum(tf.mul(p, ratio), -1, true);
    save([tf.mul(p, tf.sub(ratio, value)), tf.sub(tf.exp(logQ), p)]);
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

/**
 * How far the best wrong class is above the right one, per example: `max_{j≠y} z_j − z_y`, `[batch]`.
 *
 * Positive where the classifier errs; what the CW attack on logits ascends (arXiv:1608.04644).
 *
 * @throws ArgumentError with fewer than 2 classes.
 */
export function margin(logits: Logits, labels: Labels): Tensor1D {
  requireLabels(logits, labels, "labels");
  requireClasses(logits, 2, "the margin");
  return tf.tidy(() =>
    pick(
      logits,
      constant(logits, (z) => tf.sub(bestOther(z, labels), oneHot(labels, z))),
    ),
  );
}

/**
 * Difference of logits ratio, per example, `[batch]` (arXiv:2003.01690):
 * `−(z_y − max_{j≠y} z_j) / (z_(1) − z_(3) + 1e-12)`, with `z_(k)` the k-th largest logit.
 *
 * @throws ArgumentError with fewer than 3 classes.
 */
export function dlr(logits: Logits, labels: Labels): Tensor1D {
  requireLabels(logits, labels, "labels");
  requireClasses(logits, 3, "DLR");
  return tf.tidy(() =>
    ratio(
      logits,
      constant(logits, (z) => tf.sub(bestOther(z, labels), oneHot(labels, z))),
      constant(logits, (z) => spread(z, [1, 0, -1])),
    ),
  );
}

/**
 * Targeted difference of logits ratio, per example, `[batch]` (arXiv:2003.01690):
 * `−(z_y − z_t) / (z_(1) − (z_(3) + z_(4)) / 2 + 1e-12)`.
 *
 * @throws ArgumentError with fewer than 4 classes.
 */
export function targetedDlr(logits: Logits, labels: Labels, targets: Labels): Tensor1D {
  requireLabels(logits, labels, "labels");
  requireLabels(logits, targets, "targets");
  requireClasses(logits, 4, "targeted DLR");
  return tf.tidy(() =>
    ratio(
      logits,
      tf.sub(oneHot(targets, logits), oneHot(labels, logits)),
      constant(logits, (z) => spread(z, [1, 0, -0.5, -0.5])),
    ),
  );
}

/** The mean of per-example losses. */
export function mean(losses: Tensor1D): Scalar {
  requireArgument(losses.size > 0, "losses", losses.shape, "at least one example");
  return tf.mean(losses);
}

/** 1 where the largest logit is the label's, else 0; `[batch]`, int32. */
export function correct(logits: Logits, labels: Labels): Tensor1D {
  requireLabels(logits, labels, "labels");
  return tf.tidy(() => tf.cast(tf.equal(tf.argMax(logits, -1), labels), "int32") as Tensor1D);
}

function ratio(logits: Logits, numerator: Tensor2D, denominator: Tensor2D): Tensor1D {
  return tf.div(pick(logits, numerator), tf.add(pick(logits, denominator), 1e-12));
}

/** `Σ_j weights_j z_j`: picks and combines logits with a gradient that every backend has, which gathering lacks. */
function pick(logits: Logits, weights: Tensor2D): Tensor1D {
  return tf.sum(tf.mul(logits, weights), -1);
}

// Cast, because the wasm backend fills a float32 one-hot with the bits of integers.
function oneHotOf(indices: tf.Tensor, classes: number): tf.Tensor {
  return tf.cast(tf.oneHot(indices, classes), "float32");
}

function oneHot(labels: Labels, logits: Logits): Tensor2D {
  return oneHotOf(labels, logits.shape[1]) as Tensor2D;
}

/** One-hot of the largest logit that is not the label's; among equals one alone, so that a tie has the gradient of a choice. */
function bestOther(logits: Logits, labels: Labels): Tensor2D {
  const isLabel = tf.cast(oneHot(labels, logits), "bool");
  const others = tf.where(isLabel, tf.fill(logits.shape, Number.NEGATIVE_INFINITY), logits);
  return oneHot(tf.argMax(others, -1), logits);
}

/** Weights of each logit by its rank: `byRank[k]` for the k-th largest, 0 beyond. */
function spread(logits: Logits, byRank: readonly number[]): Tensor2D {
  const { indices } = tf.topk(logits, byRank.length);
  const places = oneHotOf(indices, logits.shape[1]);
  return tf.sum(tf.mul(places, tf.tensor(byRank as number[], [1, byRank.length, 1])), 1);
}

/** Evaluates `f` off the tape: what depends on logits only through their order has no gradient, and TopK none registered. */
function constant(logits: Logits, f: (logits: Logits) => Tensor2D): Tensor2D {
  return tf.customGrad((z) => ({ value: f(z as Logits), gradFunc: (dy) => tf.zerosLike(dy) }))(logits) as Tensor2D;
}

function requireLogits(logits: Logits, argument: string): void {
  requireArgument(logits.rank === 2, argument, logits.shape, "a tensor [batch, classes]");
}

function requireLabels(logits: Logits, labels: Labels, argument: string): void {
  requireLogits(logits, "logits");
  requireArgument(labels.dtype === "int32", argument, labels.dtype, "class indices of dtype int32");
  requireArgument(
    labels.rank === 1 && labels.shape[0] === logits.shape[0],
    argument,
    labels.shape,
    `one label per row of logits, [${logits.shape[0]}]`,
  );
}

function requireClasses(logits: Logits, classes: number, loss: string): void {
  requireArgument(logits.shape[1] >= classes, "logits", logits.shape, `at least ${classes} classes for ${loss}`);
}
