import * as tf from "@tensorflow/tfjs-core";
import type { ProcessGroup } from "../process-group";
import {
  batchNormTrainingGradientKernel,
  batchNormTrainingKernel,
  batchNormTrainingReluGradientKernel,
  pixelCount,
} from "./batch-norm-kernels";
import { type Normalized, type Normalizer, withNormalizer } from "./batch-norm-scope";
import { runNamedKernel } from "./kernel";

/**
 * Runs `body` with batch normalisation synchronised: whatever normalises by the batch's statistics in it takes them over
 * the rows of all processes, and its gradient goes to the images of all too, also when it is taken after `body` is over.
 *
 * All processes must run the same networks in the same order, forward and backward, each on rows of its own; they need
 * not be equally many. A layer costs one small reduction forward and one backward.
 *
 * @example
 * const logits = withStatisticsAcross(group, () => network.forward(images, "train"));
 */
export function withStatisticsAcross<T>(group: ProcessGroup, body: () => T): T {
  return withNormalizer((...given) => normalizedAcross(group, ...given), body);
}

/** Statistics over the rows of all processes, and how many values a channel has there. */
interface Statistics extends Omit<Normalized, "output"> {
  readonly count: tf.Scalar;
}

function normalizedAcross(ranks: ProcessGroup, ...given: Parameters<Normalizer>): Normalized {
  const [x, scale, offset, epsilon, activation] = given;
  return tf.tidy(() => {
    const [, ownMean, ownVariance] = runNamedKernel(batchNormTrainingKernel, { x, scale, offset }, { epsilon });
    const { mean, variance, unbiased, count } = combined(ranks, ownMean, ownVariance, pixelCount(x));

    const normalize = tf.customGrad((...given) => {
      const [images, factor, shift, save] = given as unknown as [
        tf.Tensor4D,
        tf.Tensor1D,
        tf.Tensor1D,
        (tensors: tf.Tensor[]) => void,
      ];
      const inverse = tf.rsqrt(tf.add(variance, epsilon));
      const normalized = tf.add(tf.mul(tf.sub(images, mean), tf.mul(factor, inverse)), shift);
      const value = activation === "relu" ? tf.relu(normalized) : normalized;
      save([images, factor, mean, variance, count, ...(activation === "relu" ? [value] : [])]);
      return { value, gradFunc: (dy, saved) => gradients(ranks, dy as tf.Tensor, saved as tf.Tensor[], epsilon) };
    });
    return { output: normalize(x, scale, offset) as tf.Tensor4D, mean, variance, unbiased };
  });
}

/**
 * Each process has its own mean, variance and count; what they have together is made of all of these, and not of sums of
 * squares, whose difference would lose the digits of a variance that is small beside the mean.
 */
function combined(ranks: ProcessGroup, mean: tf.Tensor, variance: tf.Tensor, count: number): Statistics {
  const channels = mean.size;
  const { rank, size } = ranks;
  const own = tf.reshape<tf.Rank.R2>(tf.concat([mean, variance, tf.tensor1d([count])]), [1, -1]);
  const rows: [number, number] = [rank, size - rank - 1];
  // A sum in which each row has one addend is a gathering.
  const [all] = ranks.allReduce([tf.pad2d(own, [rows, [0, 0]])], "batch statistics");
  const [means, variances, counts] = tf.split(all as tf.Tensor2D, [channels, channels, 1], 1);
  const total = tf.sum<tf.Scalar>(counts as tf.Tensor);
  const shares = tf.div(counts as tf.Tensor, total);
  const together = tf.sum<tf.Tensor1D>(tf.mul(means as tf.Tensor, shares), 0);
  const apart = tf.square(tf.sub(means as tf.Tensor, together));
  const spread = tf.sum<tf.Tensor1D>(tf.mul(tf.add(variances as tf.Tensor, apart), shares), 0);
  return { mean: together, variance: spread, unbiased: tf.mul(spread, tf.div(total, tf.sub(total, 1))), count: total };
}

/** The gradients in images, scale and offset; those in scale and offset are this process's part of them. */
function gradients(ranks: ProcessGroup, dy: tf.Tensor, saved: readonly tf.Tensor[], epsilon: number): tf.Tensor[] {
  const [x, scale, mean, variance, total, y] = saved as [
    tf.Tensor4D,
    tf.Tensor1D,
    tf.Tensor1D,
    tf.Tensor1D,
    tf.Scalar,
    tf.Tensor?,
  ];
  const inputs = { dy, x, scale, mean, variance };
  const [dx, dScale, dOffset] =
    y === undefined
      ? runNamedKernel(batchNormTrainingGradientKernel, inputs, { epsilon })
      : runNamedKernel(batchNormTrainingReluGradientKernel, { ...inputs, y }, { epsilon });
  const [allScale, allOffset] = ranks.allReduce([dScale, dOffset], "gradient of batch statistics") as [
    tf.Tensor,
    tf.Tensor,
  ];
  // dx takes out the means of dy and dy · normalized over this process's images; those over all are to be taken out.
  const count = pixelCount(x);
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  const factor = tf.mul(scale, inverse);
  const shift = tf.mul(factor, tf.sub(tf.div(dOffset, count), tf.div(allOffset, total)));
  const slope = tf.mul(tf.mul(factor, inverse), tf.sub(tf.div(dScale, count), tf.div(allScale, total)));
  return [tf.add(tf.add(dx, shift), tf.mul(tf.sub(x, mean), slope)), dScale, dOffset];
}
