import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { valueAndGradient } from "../../src";
import { batchNormTraining } from "../../src/authoring";

const x = (): tf.Tensor4D => tf.tensor4d([1, -2, 3, 0.5, -1, 4, 2, 2.5, 0, 1, -3, 6], [2, 3, 1, 2]);
const scale = (): tf.Tensor1D => tf.tensor1d([1.5, -0.5]);
const offset = (): tf.Tensor1D => tf.tensor1d([0.25, 1]);
const weights = (): tf.Tensor4D =>
  tf.tensor4d([0.3, -1, 2, 0.7, -0.2, 0.1, 1.1, -0.4, 0.6, 0.9, -1.3, 0.2], [2, 3, 1, 2]);
const epsilon = 1e-5;

describe("batchNormTraining", () => {
  test("returns the batch's mean and biased variance", () => {
    const { mean, variance } = batchNormTraining(x(), scale(), offset(), epsilon);
    // channel 0: 1 3 −1 2 0 −3; channel 1: −2 0.5 4 2.5 1 6
    expect([...mean.dataSync()]).toEqual([expect.closeTo(2 / 6, 6), expect.closeTo(12 / 6, 6)]);
    expect([...variance.dataSync()]).toEqual([expect.closeTo(24 / 6 - 1 / 9, 5), expect.closeTo(63.5 / 6 - 4, 5)]);
  });

  test("returns an output with the offset for its mean and |scale| for its deviation", () => {
    const { output } = batchNormTraining(x(), scale(), offset(), 0);
    const moments = tf.moments(output, [0, 1, 2]);
    expect([...moments.mean.dataSync()]).toEqual([expect.closeTo(0.25, 5), expect.closeTo(1, 5)]);
    expect([...tf.sqrt(moments.variance).dataSync()]).toEqual([expect.closeTo(1.5, 5), expect.closeTo(0.5, 5)]);
  });

  test("leaves exactly its three tensors, and its gradient one", () => {
    const [input, factor, shift] = [x(), scale(), offset()];
    expect(() => batchNormTraining(input, factor, shift, epsilon)).toAllocate(3);
    expect(() =>
      valueAndGradient((z) => tf.tidy(() => batchNormTraining(z, factor, shift, epsilon).output), input),
    ).toAllocate(2);
  });

  test.each(["none", "relu"] as const)("moves running statistics in the same pass, activation %s", (activation) => {
    const [input, factor, shift] = [x(), scale(), offset()];
    const [mean, variance] = [tf.variable(tf.tensor1d([10, 20])), tf.variable(tf.tensor1d([1, 2]))];
    const running = { mean, variance, momentum: 0.1, unbiased: true };
    expect(() => batchNormTraining(input, factor, shift, epsilon, activation, running)).toAllocate(3);
    // The batch's means are 1/3 and 2, its sums of squares about them 24 − 2/3 and 63.5 − 24, of 6 values.
    expect([...mean.dataSync()]).toEqual([expect.closeTo(9 + 0.1 / 3, 5), expect.closeTo(18.2, 5)]);
    expect([...variance.dataSync()]).toEqual([
      expect.closeTo(0.9 + 0.1 * ((24 - 2 / 3) / 5), 5),
      expect.closeTo(1.8 + 0.1 * ((63.5 - 24) / 5), 5),
    ]);
    const before = [...mean.dataSync()];
    const gradient = (step?: typeof running) =>
      valueAndGradient(
        (z) => tf.sum(tf.mul(batchNormTraining(z, factor, shift, epsilon, activation, step).output, weights())),
        input,
      ).gradient.dataSync();
    expect(gradient(running)).toEqual(gradient());
    expect([...mean.dataSync()]).not.toEqual(before);
    tf.dispose([mean, variance]);
  });

  test("with a ReLU returns 0 where the output would be below, and the same statistics", () => {
    const plain = batchNormTraining(x(), scale(), offset(), epsilon);
    const { output, mean, variance } = batchNormTraining(x(), scale(), offset(), epsilon, "relu");
    const expected = [...plain.output.dataSync()].map((value) => expect.closeTo(Math.max(0, value), 6) as number);
    expect([...output.dataSync()]).toEqual(expected);
    expect([...mean.dataSync(), ...variance.dataSync()]).toEqual([
      ...plain.mean.dataSync(),
      ...plain.variance.dataSync(),
    ]);
  });

  test.each([
    ["x", "none"],
    ["scale", "none"],
    ["offset", "none"],
    ["x", "relu"],
    ["scale", "relu"],
    ["offset", "relu"],
  ] as const)("has a gradient in %s with activation %s that agrees with central differences", (name, activation) => {
    const inputs = { x: x(), scale: scale(), offset: offset() };
    const loss = (value: tf.Tensor): tf.Tensor => {
      const all = { ...inputs, [name]: value };
      const { output } = batchNormTraining(all.x, all.scale, all.offset, epsilon, activation);
      return tf.sum(tf.mul(tf.square(output), weights()));
    };
    const gradient = valueAndGradient(loss, inputs[name] as tf.Tensor).gradient.dataSync();
    const values = inputs[name].dataSync();
    const step = 1e-2;
    values.forEach((value, index) => {
      const at = (shift: number): number =>
        loss(
          tf.tensor(
            values.map((v, i) => (i === index ? value + shift : v)),
            inputs[name].shape,
          ),
        ).dataSync()[0] as number;
      expect(gradient[index]).toBeCloseTo((at(step) - at(-step)) / (2 * step), 2);
    });
  });
});
