import { relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { batchNormTraining, withStatisticsAcross } from "../../src/authoring";
import { normal, type ProcessGroup, random } from "../../src/index";

/** A group of two, the other of which has the same images at every moment. */
const twins: ProcessGroup = {
  rank: 0,
  size: 2,
  allReduce: (tensors, what) =>
    tensors.map((tensor) =>
      tf.tidy(() => tf.add(tensor, what === "batch statistics" ? tf.reverse(tensor, 0) : tensor)),
    ),
  broadcast: (tensors) => tensors.map((tensor) => tf.clone(tensor)),
  allGather: (value) => Promise.resolve([value, value]),
  barrier: () => Promise.resolve(),
};

const images = (): tf.Tensor4D => tf.add(100, normal(random(0), [2, 3, 2, 3])) as tf.Tensor4D;
const [scale, offset] = [
  [1, -0.5, 2],
  [0.1, 0.2, -0.3],
] as const;

/** Output, statistics, moved statistics, and the gradients of a sum of squares, over the images. */
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
    const all = tf.concat(Array.from({ length: x.shape[0] / 2 }, () => weights));
    return tf.sum(tf.mul(all, tf.square(value)));
  };
  return [output, mean, variance, ...moved, ...tf.grads(loss)([x, factor, shift])];
}

describe("batch normalisation across processes", () => {
  it.each(["none", "relu"] as const)("is that of the images of both, activation %s", (activation) => {
    const x = images();
    const [output, mean, variance, movedMean, movedVariance, dx, dScale, dOffset] = withStatisticsAcross(twins, () =>
      normalized(x, activation),
    );
    const whole = normalized(tf.concat([x, x]), activation);
    const half = (tensor: tf.Tensor | undefined): tf.Tensor => tf.slice(tensor as tf.Tensor, 0, 2);
    const pairs = [
      [output, half(whole[0])],
      [mean, whole[1]],
      [variance, whole[2]],
      [movedMean, whole[3]],
      // 24 values of each channel in both: the unbiased variance tells them from 12.
      [movedVariance, whole[4]],
      [dx, half(whole[5])],
      // Each process's part of these.
      [dScale, tf.div(whole[6] as tf.Tensor, 2)],
      [dOffset, tf.div(whole[7] as tf.Tensor, 2)],
    ];
    for (const [actual, expected] of pairs) {
      expect(relativeDeviation(actual as tf.Tensor, expected as tf.Tensor)).toBeLessThan(2e-5);
    }
  });

  it("leaves its three tensors, and ends with the scope", () => {
    const x = images();
    const [factor, shift] = [tf.tensor1d([...scale]), tf.tensor1d([...offset])];
    const run = () => batchNormTraining(x, factor, shift, 1e-5);
    expect(() => withStatisticsAcross(twins, run)).toAllocate(3);
    expect(() =>
      withStatisticsAcross(twins, () => {
        throw new Error("half way");
      }),
    ).toThrow("half way");
    const calls: unknown[] = [];
    const counting: ProcessGroup = {
      ...twins,
      allReduce(...given) {
        calls.push(given);
        return twins.allReduce(...given);
      },
    };
    withStatisticsAcross(counting, () => run());
    run();
    expect(calls).toHaveLength(1);
  });
});
