import { relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { integers, random, uniform, useBackend } from "../../src";

/*
 * Larger images than finite differences can afford, and ties, of which they know nothing: the reference is the gradient
 * of TensorFlow.js's cpu backend.
 */

beforeAll(() => useBackend("wasm"));
afterAll(() => tf.setBackend("cpu"));

async function agree(compute: () => tf.Tensor[]): Promise<void> {
  const on = async (backend: string): Promise<number[][]> => {
    await tf.setBackend(backend);
    return tf.tidy(() => compute().map((t) => Array.from(t.dataSync()))) as unknown as number[][];
  };
  const expected = await on("cpu");
  const actual = await on("wasm");
  expected.forEach((values, i) => expect(relativeDeviation(actual[i] as number[], values)).toBeLessThan(1e-6));
}

describe("on wasm the gradients of depthwise convolution are those of plain JavaScript", () => {
  test.each([
    [3, 1, "same", 1],
    [3, 2, "same", 1],
    [5, 1, "valid", 1],
    [7, 3, "same", 1],
    [3, 2, 1, 2],
  ] as const)(
    "for a filter of size %i, stride %i, padding %s and %i outputs a channel",
    async (size, stride, pad, many) => {
      await agree(() => {
        const x = uniform(random(1), [3, 17, 13, 4], -1, 1) as tf.Tensor4D;
        const filter = uniform(random(2), [size, size, 4, many], -1, 1) as tf.Tensor4D;
        const op = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => {
          const rounding = typeof pad === "number" ? "floor" : undefined;
          return tf.depthwiseConv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, pad, "NHWC", 1, rounding);
        };
        return tf.grads(op)([x, filter], uniform(random(3), op(x, filter).shape, -1, 1));
      });
    },
  );
});

test.each([
  [3, 1, "same"],
  [3, 2, "same"],
  [2, 2, "valid"],
] as const)(
  "a maximum that is there several times gives its slope to the first: %i, %i, %s",
  async (size, stride, pad) => {
    await agree(() => {
      const x = tf.cast(integers(random(4), [2, 9, 8, 3], 0, 3), "float32") as tf.Tensor4D;
      const op = (a: tf.Tensor): tf.Tensor => tf.maxPool(a as tf.Tensor4D, size, stride, pad);
      return [tf.grad(op)(x, uniform(random(5), op(x).shape, -1, 1))];
    });
  },
);
