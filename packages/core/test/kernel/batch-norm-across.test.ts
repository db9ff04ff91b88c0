import { relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { batchNormTraining, withStatisticsAcross } from "../../src/authoring";
import { normal, type ProcessGroup, random } from "../../src/index";

const images = (): tf.Tensor4D => tf.add(100, normal(random(0), [2, 3, 2, 3])) as tf.Tensor4D;

/** What the other process has: more images, brighter and further apart. */
const others = (): tf.Tensor4D => tf.add(103, tf.mul(2, normal(random(5), [3, 3, 2, 3]))) as tf.Tensor4D;

/** A group of two, whose other process has {@link others} and a loss that none of its images counts in. */
const pair: ProcessGroup = {
  rank: 0,
  size: 2,
  allReduce: (tensors, what) =>
    tensors.map((tensor) => (what === "batch statistics" ? withOthers(tensor) : tf.clone(tensor))),
  broadcast: (tensors) => tensors.map((tensor) => tf.clone(tensor)),
  allGather: (value) => Promise.resolve([value, value]),
  barrier: () => Promise.resolve(),
};

/** Mean, variance and count of each process in a row; 18 values of a channel in the other's. */
function withOthers(own: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const { mean, variance } = tf.moments(others(), [0, 1, 2]);
    return tf.add(
      own,
      tf.pad2d(tf.reshape(tf.concat([mean, variance, tf.tensor1d([18])]), [1, -1]), [
        [1, 0],
        [0, 0],
      ]),
    );
  });
}

const [scale, offset] = [
  [1, -0.5, 2],
  [0.1, 0.2, -0.3],
] as const;

/** Output, statistics, moved statistics, and the gradients of a sum of squares over the first two images. */
function normalized(x: tf.Tensor4D, activation: "none" | "relu"): readonly tf.Tensor[] {
  const running = {
    mean: tf.variable(tf.zeros([3])),
    variance: tf.variable(tf.ones([3])),
    momentum: 0.1,
    unbiased: true,
  } as const;
  const [factor, shift] = [tf.tensor1d([...scale]), tf.tensor1d([...offset])];
  const { output, mean, variance } = batchNormTraining(x, factor, shift, 1e-5, activation, running);
  const moved = [tf.clone(running.mean), tf.clone(running.variance)];
  tf.dispose([running.mean, running.variance]);
  const weights = normal(random(1), [2, 3, 2, 3]);
  const loss = (...[at, by, plus]: tf.Tensor[]): tf.Scalar => {
    const { output: value } = batchNormTraining(
      at as tf.Tensor4D,
      by as tf.Tensor1D,
      plus as tf.Tensor1D,
      1e-5,
      activation,
    );
    return tf.sum(tf.mul(weights, tf.square(tf.slice(value, 0, 2))));
  };
  return [output, mean, variance, ...moved, ...tf.grads(loss)([x, factor, shift])];
}

describe("batch normalisation across processes", () => {
  it.each(["none", "relu"] as const)("is that of the images of both, activation %s", (activation) => {
    const x = images();
    const [output, mean, variance, movedMean, movedVariance, dx, dScale, dOffset] = withStatisticsAcross(pair, () =>
      normalized(x, activation),
    );
    const whole = normalized(tf.concat([x, others()]), activation);
    const own = (tensor: tf.Tensor | undefined): tf.Tensor => tf.slice(tensor as tf.Tensor, 0, 2);
    const pairs = [
      [output, own(whole[0])],
      [mean, whole[1]],
      [variance, whole[2]],
      [movedMean, whole[3]],
      // 30 values of each channel in both: the unbiased variance tells them from 12.
      [movedVariance, whole[4]],
      [dx, own(whole[5])],
      [dScale, whole[6]],
      [dOffset, whole[7]],
    ];
    for (const [actual, expected] of pairs) {
      expect(relativeDeviation(actual as tf.Tensor, expected as tf.Tensor)).toBeLessThan(2e-5);
    }
  });

  it("leaves its three tensors, and ends with the scope", () => {
    const x = images();
    const [factor, shift] = [tf.tensor1d([...scale]), tf.tensor1d([...offset])];
    const run = () => batchNormTraining(x, factor, shift, 1e-5);
    expect(() => withStatisticsAcross(pair, run)).toAllocate(3);
    expect(() =>
      withStatisticsAcross(pair, () => {
        throw new Error("half way");
      }),
    ).toThrow("half way");
    const calls: unknown[] = [];
    const counting: ProcessGroup = {
      ...pair,
      allReduce(...given) {
        calls.push(given);
        return pair.allReduce(...given);
      },
    };
    withStatisticsAcross(counting, () => run());
    run();
    expect(calls).toHaveLength(1);
  });
});
