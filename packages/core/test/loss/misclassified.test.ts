import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { misclassified, useBackend } from "../../src";
import { hasNaN } from "../../src/authoring";

describe.each(["wasm", "cpu"] as const)("misclassified on %s", (backend) => {
  beforeAll(() => useBackend(backend));
  afterAll(() => tf.setBackend("cpu"));

  test("is 1 where the largest logit is not the label's", () => {
    const logits = tf.tensor2d([
      [2, 1, 0],
      [2, 1, 0],
      [-3, -1, -2],
    ]);
    const found = misclassified(logits, tf.tensor1d([0, 1, 1], "int32"));
    expect([found.dtype, ...found.dataSync()]).toEqual(["int32", 0, 1, 0]);
  });

  test("is 1 where any logit is not a number, wherever it stands and whatever the label", () => {
    const rows = [0, 1, 2].map((place) => [5, 1, 1].map((z, k) => (k === place ? Number.NaN : z)));
    for (const label of [0, 1, 2]) {
      const labels = tf.fill<tf.Rank.R1>([3], label, "int32");
      expect([...misclassified(tf.tensor2d(rows), labels).dataSync()]).toEqual([1, 1, 1]);
    }
    expect([...hasNaN(tf.tensor2d([...rows, [5, Number.POSITIVE_INFINITY, 1]])).dataSync()]).toEqual([1, 1, 1, 0]);
  });

  test("leaves one tensor", () => {
    const [logits, labels] = [tf.ones<tf.Rank.R2>([4, 3]), tf.zeros<tf.Rank.R1>([4], "int32")];
    expect(() => misclassified(logits, labels)).toAllocate(1);
    expect(() => hasNaN(logits)).toAllocate(1);
  });
});
