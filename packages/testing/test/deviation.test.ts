import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { relativeDeviation } from "../src/index";

describe("relativeDeviation", () => {
  test("is the largest difference over the largest expected value", () => {
    expect(relativeDeviation([1, 2.5], [1, 2])).toBe(0.25);
    expect(relativeDeviation(tf.tensor2d([[1, -4]]), [[1, -5]])).toBeCloseTo(0.2);
    expect(relativeDeviation(Float32Array.of(0, 0), [0, 0])).toBe(0);
    expect(relativeDeviation(3, 4)).toBe(0.25);
  });

  test("is infinite for other sizes, values that are not numbers, and anything against zero", () => {
    expect(relativeDeviation([1], [1, 2])).toBe(Number.POSITIVE_INFINITY);
    expect(relativeDeviation([Number.NaN], [1])).toBe(Number.POSITIVE_INFINITY);
    expect(relativeDeviation([1e-9], [0])).toBe(Number.POSITIVE_INFINITY);
  });

  test("takes more values than a call has arguments", () => {
    const many = new Float32Array(300_000).fill(2);
    expect(relativeDeviation(many, many)).toBe(0);
  });
});
