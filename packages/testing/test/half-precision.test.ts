import { registerHalfPrecision } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, describe, expect, test } from "vitest";

describe.each([
  [
    "float16",
    2052,
    [1.0001, 1e-12, 2049, 65_504, 70_000, 6e-8],
    [1, 0, 2050, 65_504, Number.POSITIVE_INFINITY, 2 ** -24],
  ],
  ["bfloat16", 2048, [1.0001, 257, 1e-12, -1.003, 3.4e38], [1, 258, 141 * 2 ** -47, -1, Number.POSITIVE_INFINITY]],
] as const)("the backend %s", (name, sum, given, wanted) => {
  afterAll(() => {
    tf.removeBackend(name);
    return tf.setBackend("cpu");
  });

  test("rounds what goes in and what comes out", async () => {
    registerHalfPrecision(name);
    await tf.setBackend(name);
    const stored = tf.tensor1d([...given]).dataSync();
    for (const [i, value] of stored.entries()) expect(value).toBe(Math.fround(wanted[i]!));
    expect(tf.add(1, 1e-4).dataSync()[0]).toBe(1);
    expect(tf.sum(tf.tensor1d([2048, 1, 1, 1])).dataSync()[0]).toBe(sum);
  });
});
