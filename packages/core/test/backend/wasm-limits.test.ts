import { relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { random, uniform, useBackend } from "../../src";

/*
 * What the wasm backend's own kernels refuse or compute wrongly, against plain JavaScript. Each fails without its entry
 * in src/backend/wasm-limits.ts.
 */

beforeAll(async () => {
  await useBackend("cpu");
  await useBackend("wasm");
});
afterAll(() => tf.setBackend("cpu"));

const values = <T extends tf.Tensor>(...shape: number[]): T => uniform(random(shape.length), shape, -2, 2) as T;
const whole = (x: tf.Tensor): tf.Tensor => tf.cast(tf.mul(x, 9), "int32");

const cases: Record<string, () => tf.Tensor | tf.Tensor[]> = {
  "a right factor that comes back in another shape": () => {
    const b = values<tf.Tensor2D>(4, 6);
    return [tf.matMul(values(2, 4), b), tf.matMul(values(2, 6), tf.reshape(b, [6, 4]))];
  },
  "a product of integers": () => tf.matMul(whole(values(2, 3)), whole(values(3, 2))),
  "a product with a bias for each value": () =>
    tf.fused.matMul({ a: values(2, 3), b: values(3, 2), bias: values(2, 2) }),
  "a convolution with channels first": () =>
    tf.conv2d(values<tf.Tensor4D>(1, 2, 5, 4), values<tf.Tensor4D>(3, 3, 2, 3), 1, "same", "NCHW"),
  "windows whose number is rounded up": () => {
    const x = values<tf.Tensor4D>(1, 6, 5, 2);
    return [
      tf.conv2d(x, values<tf.Tensor4D>(3, 3, 2, 3), 2, 1, "NHWC", 1, "ceil"),
      tf.depthwiseConv2d(x, values<tf.Tensor4D>(3, 3, 2, 1), 2, 1, "NHWC", 1, "ceil"),
      tf.maxPool(x, 3, 2, 1, "ceil"),
      tf.avgPool(x, 3, 2, 1, "ceil"),
    ];
  },
  "truths of numbers": () => tf.cast(tf.tensor1d([0.4, -3.5, 0, 256]), "bool"),
  "integers within bounds": () => tf.clipByValue(whole(values(6)), -3, 3),
  "sums of truths along an axis": () => tf.cumsum(tf.greater(values(2, 3), 0), 1),
  "truths in reverse": () => tf.reverse(tf.greater(values(2, 3), 0), 1),
  "gathering batch by batch": () =>
    tf.gather(
      values(2, 3),
      tf.tensor2d(
        [
          [2, 0],
          [1, 1],
        ],
        [2, 2],
        "int32",
      ),
      1,
      1,
    ),
  "one-hots of float32": () => tf.oneHot(tf.tensor1d([0, 2], "int32"), 3, 1, 0, "float32"),
  "a choice between numbers of two types": () => tf.where(tf.greater(values(4), 0), values(4), whole(values(4))),
  "signs and logarithms of small numbers": () => {
    const small = tf.mul(values(6), 1e-9);
    return [tf.sign(small), tf.mul(tf.log1p(small), 1e9)];
  },
  "the maximum of negative values, padded": () =>
    tf.maxPool3d(tf.sub<tf.Tensor5D>(values<tf.Tensor5D>(1, 3, 3, 3, 2), 3), 2, 2, "same"),
  "padded dilation": () => tf.dilation2d(values<tf.Tensor4D>(1, 4, 4, 2), values<tf.Tensor3D>(2, 2, 2), 1, "same"),
};

test.each(Object.entries(cases))("%s: as in plain JavaScript", async (_, compute) => {
  const on = async (backend: string): Promise<number[][]> => {
    await tf.setBackend(backend);
    return tf.tidy(() => [compute()].flat().map((t) => Array.from(t.dataSync()))) as unknown as number[][];
  };
  const expected = await on("cpu");
  expect(relativeDeviation(await on("wasm"), expected)).toBeLessThan(1e-6);
});
