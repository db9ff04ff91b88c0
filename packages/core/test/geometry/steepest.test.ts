import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { steepest } from "../../src/authoring";
import { perExampleNorm } from "../../src/index";

const gradient = (scale: number): tf.Tensor4D => tf.mul(scale, tf.tensor4d([3, -4, 0, 0, 0, 0], [2, 1, 1, 3]));

describe("the steepest direction", () => {
  it.each([1, 1e-30])("is the sign in linf and the gradient over its length in l2, at scale %f", (scale) => {
    expect([...steepest(gradient(scale), "linf").dataSync()]).toEqual([1, -1, 0, 0, 0, 0]);
    const l2 = steepest(gradient(scale), "l2");
    for (const [i, value] of [0.6, -0.8, 0, 0, 0, 0].entries()) expect(l2.dataSync()[i]).toBeCloseTo(value, 6);
    expect(perExampleNorm(l2, "l2").dataSync()[1]).toBe(0);
  });
});
