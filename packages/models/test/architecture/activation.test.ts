import { finiteDifference, relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { activationNamed } from "../../src/architecture/activation";

const silu = activationNamed("silu");
const x = (): tf.Tensor4D => tf.tensor4d([-100, -5, -1.2784645, -0.3, 0, 0.7, 4, 100], [1, 2, 2, 2]);

describe("SiLU", () => {
  test("is x / (1 + exp(-x)), and least at -1.278…", async () => {
    const values = await silu(x()).data();
    const expected = (await x().data()).map((value) => value / (1 + Math.exp(-value)));
    for (const [index, value] of values.entries()) expect(value).toBeCloseTo(expected[index] as number, 5);
    expect(values[2]).toBeCloseTo(-0.2784645, 5);
  });

  test("has its slope for its gradient", () => {
    const small = tf.tensor4d([-5, -1.2784645, -0.3, 0, 0.7, 4], [1, 1, 2, 3]);
    const gradient = tf.grad((x) => silu(x as tf.Tensor4D))(small);
    const slopes = finiteDifference((x) => silu(x as tf.Tensor4D), small);
    expect(relativeDeviation(gradient, slopes)).toBeLessThan(1e-3);
  });

  test("has its curvature for its second gradient", () => {
    const slope = (x: tf.Tensor) => tf.grad((x) => silu(x as tf.Tensor4D))(x);
    const at = tf.tensor4d([-2, 0, 1, 3], [1, 1, 2, 2]);
    const curvature = tf.grad(slope)(at);
    expect(relativeDeviation(curvature, finiteDifference(slope, at))).toBeLessThan(1e-3);
  });

  test("leaves its value, and takes a large x for itself", async () => {
    const images = x();
    expect(() => silu(images)).toAllocate(1);
    const far = tf.tensor4d([2 ** 100, -(2 ** 100)], [1, 1, 1, 2]);
    expect(relativeDeviation(silu(far), [2 ** 100, 0])).toBe(0);
    expect(relativeDeviation(tf.grad((x) => silu(x as tf.Tensor4D))(far), [1, 0])).toBe(0);
  });
});
