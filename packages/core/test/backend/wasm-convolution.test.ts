import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { random, uniform, useBackend, valueAndGradient } from "../../src";

// The reference is TensorFlow.js's own gradient on the backend in plain JavaScript.
beforeAll(() => useBackend("wasm"));
afterAll(() => tf.setBackend("cpu"));

const cases: [string, number[], number[], number | [number, number], "same" | "valid" | number][] = [
  ["3×3", [2, 5, 6, 3], [3, 3, 3, 4], 1, "same"],
  ["3×3 valid", [2, 5, 6, 3], [3, 3, 3, 4], 1, "valid"],
  ["1×1", [3, 4, 4, 2], [1, 1, 2, 5], 1, "same"],
  ["3×3 stride 2, every pixel reached", [2, 7, 9, 3], [3, 3, 3, 4], 2, "valid"],
  ["3×3 stride 2, the last row and column out of reach", [2, 8, 10, 3], [3, 3, 3, 4], 2, "valid"],
  ["3×3 stride 2 same (pads 0 and 1)", [1, 8, 6, 2], [3, 3, 2, 3], 2, "same"],
  ["1×1 stride 2", [2, 8, 8, 3], [1, 1, 3, 4], 2, "valid"],
  ["5×3, strides 2 and 3", [1, 11, 13, 2], [5, 3, 2, 2], [2, 3], "same"],
  ["4×4, an even filter", [1, 7, 7, 2], [4, 4, 2, 2], 1, "same"],
  ["1×1 padded by 1, cropped in the gradient", [1, 4, 4, 2], [1, 1, 2, 2], 1, 1],
];

describe("the wasm gradients of convolution", () => {
  test.each(cases)("equal those of the cpu backend for %s", async (_, inputShape, filterShape, strides, pad) => {
    const gradients = async (backend: string): Promise<Float32Array[]> => {
      await tf.setBackend(backend);
      const x = uniform(random(1), inputShape, -1, 1) as tf.Tensor4D;
      const filter = uniform(random(2), filterShape, -1, 1) as tf.Tensor4D;
      const loss = (input: tf.Tensor4D, weights: tf.Tensor4D): tf.Tensor =>
        tf.sum(
          tf.square(tf.conv2d(input, weights, strides, pad, "NHWC", 1, typeof pad === "number" ? "floor" : undefined)),
        );
      const byInput = valueAndGradient((input) => loss(input, filter), x).gradient;
      const byFilter = valueAndGradient((weights) => loss(x, weights), filter).gradient;
      expect(byInput.shape).toEqual(inputShape);
      expect(byFilter.shape).toEqual(filterShape);
      return [byInput.dataSync(), byFilter.dataSync()] as Float32Array[];
    };
    const actual = await gradients("wasm");
    const expected = await gradients("cpu");
    await tf.setBackend("wasm");
    expected.forEach((reference, which) => {
      const scale = Math.max(...reference.map(Math.abs));
      const worst = Math.max(...reference.map((value, i) => Math.abs(value - (actual[which]?.[i] ?? Number.NaN))));
      expect(worst / scale).toBeLessThan(1e-6);
    });
  });

  test("leave nothing behind but themselves", () => {
    const x = tf.ones([1, 8, 8, 2]) as tf.Tensor4D;
    const filter = tf.ones([3, 3, 2, 2]) as tf.Tensor4D;
    const before = tf.memory().numTensors;
    valueAndGradient((weights) => tf.sum(tf.conv2d(x, weights, 2, "valid")), filter);
    valueAndGradient((input) => tf.sum(tf.conv2d(input, filter, 2, "valid")), x);
    expect(tf.memory().numTensors - before).toBe(4);
  });
});
