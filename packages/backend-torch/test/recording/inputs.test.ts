import { compileStep } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { onTorch, torch } from "../torch";
import { calls } from "./histories";

onTorch();

test("recordings of one step are bounded in number", () => {
  const step = compileStep(({ x }: { x: tf.Tensor1D }) => tf.mul(x, 2));
  const native = Array.from({ length: 20 }, (_, size) => {
    for (let call = 0; call < 4; call++) tf.tidy(() => void step({ x: tf.ones([size + 1]) }));
    return torch().stats().tensors;
  });
  expect(native.at(-1)).toBe(native[8]);
  step.dispose();
});

test("a recorded step inside another is a part of it", () => {
  const inner = compileStep(({ x }: { x: tf.Tensor1D }) => tf.square(x));
  const outer = compileStep(({ x }: { x: tf.Tensor1D }) => tf.add(inner({ x }), 1));
  const values = calls.map((call) => tf.tidy(() => outer({ x: tf.tensor1d([call]) }).dataSync()[0]));
  expect(values).toEqual(calls.map((call) => call * call + 1));
  inner.dispose();
  outer.dispose();
});

test("a tensor that a recorded step closes over stays what it was, also when its owner frees it", () => {
  const outside = tf.tensor1d([1, 2, 3]);
  const before = torch().stats();
  const step = compileStep(({ x }: { x: tf.Tensor1D }) => tf.add(x, outside));
  const values = calls.map((call) =>
    tf.tidy(() => {
      if (call === 5) outside.dispose();
      return Array.from(step({ x: tf.tensor1d([call, 0, 0]) }).dataSync()) as unknown as tf.Tensor;
    }),
  );
  expect(values).toEqual(calls.map((call) => [call + 1, 2, 3]));
  step.dispose();
  expect(torch().stats()).toEqual({ ...before, tensors: before.tensors - 1, bytes: before.bytes - 12 });
});

test("equal constants of a recorded step are kept once", () => {
  const x = tf.tensor1d([1, 2, 3]);
  const step = compileStep(({ x }: { x: tf.Tensor1D }) => {
    let sum: tf.Tensor = x;
    for (let k = 0; k < 20; k++) sum = tf.add(tf.mul(sum, tf.scalar(0.5)), tf.ones([3]));
    return tf.cast(tf.add(sum, tf.tensor1d([1, 1, 1], "int32")), "int32");
  });
  const before = torch().stats();
  const values = calls.map(() => tf.tidy(() => Array.from(step({ x }).dataSync()) as unknown as tf.Tensor));
  expect(values).toEqual(calls.map(() => [3, 3, 3]).map(() => values[0]));
  // A half, ones in float32 and in int32.
  const after = torch().stats();
  expect(after.tensors - before.tensors).toBe(3);
  step.dispose();
  expect(torch().stats()).toEqual(before);
});
