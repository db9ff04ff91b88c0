import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";

describe("the allocation matchers", () => {
  test("count what is left, and dispose what is returned at any depth", () => {
    const before = tf.memory().numTensors;
    expect(() => tf.scalar(1)).toAllocate(1);
    expect(() => ({ a: [tf.scalar(1)], b: new Map([["c", { d: tf.scalar(2) }]]) })).toAllocate(2);
    expect(() => tf.tidy(() => tf.neg(tf.scalar(1)))).toAllocate(1);
    expect(() => undefined).toAllocate(0);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("fail where a tensor is left that was not promised", () => {
    expect(() => expect(() => tf.neg(tf.scalar(1))).toAllocate(1)).toThrow("expected 1 new tensors, got 2");
    expect(() => expect(() => 1).toAllocate(1)).toThrow("expected 1 new tensors, got 0");
  });

  test("wait for promises", async () => {
    await expect(async () => tf.scalar(1)).toAllocateAsync(1);
    await expect(expect(async () => tf.scalar(1)).toAllocateAsync(0)).rejects.toThrow("got 1");
  });
});
