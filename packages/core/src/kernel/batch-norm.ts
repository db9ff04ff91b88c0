import * as tf from "@tensorflow/tfjs-core";
import { batchNormTrainingKernel, batchNormTrainingReluKernel, pixelCount } from "./batch-norm-kernels";
import { scopedNormalizer } from "./batch-norm-scope";
import { runNamedKernel } from "./kernel";
import { updateMovingAverage } from "./moving-average";

/** Batch normalisation by the batch's own statistics; the caller owns the three tensors. */
export interface BatchNormTraining {
  /** `[batch, height, width, channels]` */
  readonly output: tf.Tensor4D;
  /** The batch's mean, `[channels]`. */
  readonly mean: tf.Tensor1D;
  /** The batch's variance, biased (divided by the count), `[channels]`. */
  readonly variance: tf.Tensor1D;
}

/** Running statistics of a layer, and how they move in one pass. */
export interface RunningStatistics {
  /** `[channels]` */
  readonly mean: tf.Variable;
  /** `[channels]` */
  readonly variance: tf.Variable;
  /** How far they move towards the batch's, in [0, 1]. */
  readonly momentum: number;
  /**
   * Whether the running variance moves towards the batch's unbiased one, divided by count − 1, as PyTorch's does.
   * @default false
   */
  readonly unbiased?: boolean;
}

/**
 * Batch normalisation by the batch's statistics: `(x − mean) / √(variance + epsilon) · scale + offset` with the mean
 * and the biased variance of each channel over the batch and the pixels. Differentiable in `x`, `scale` and `offset`
 * through the output (Ioffe & Szegedy, arXiv:1502.03167); the statistics carry no gradient. With `"relu"` the output is
 * the ReLU of that, and on backends that can the two take one pass over the images. Running statistics that are given
 * move as {@link updateMovingAverage} would move them. Inside of `withStatisticsAcross` the batch is that of all
 * processes.
 */
export function batchNormTraining(
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  epsilon: number,
  activation: "none" | "relu" = "none",
  running?: RunningStatistics,
): BatchNormTraining {
  const normalizer = scopedNormalizer();
  if (normalizer !== undefined) {
    const { unbiased, ...result } = normalizer(x, scale, offset, epsilon, activation);
    if (running !== undefined) {
      updateMovingAverage(running.mean, result.mean, running.momentum);
      updateMovingAverage(running.variance, running.unbiased ? unbiased : result.variance, running.momentum);
    }
    unbiased.dispose();
    return result;
  }
  const kernel = activation === "relu" ? batchNormTrainingReluKernel : batchNormTrainingKernel;
  const inputs = { x, scale, offset, ...(running && { runningMean: running.mean, runningVariance: running.variance }) };
  const count = pixelCount(x);
  const moves = running && { momentum: running.momentum, unbias: running.unbiased ? count / (count - 1) : 1 };
  const [output, mean, variance, ...moved] = runNamedKernel(kernel, inputs, { epsilon, ...moves });
  running?.mean.assign(moved[0] as tf.Tensor);
  running?.variance.assign(moved[1] as tf.Tensor);
  tf.dispose(moved);
  return { output: output as tf.Tensor4D, mean: mean as tf.Tensor1D, variance: variance as tf.Tensor1D };
}
