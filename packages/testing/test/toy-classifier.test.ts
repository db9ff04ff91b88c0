import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import {
  finiteDifference,
  linearClassifier,
  marginPerEpsilon,
  meanPoolClassifier,
  nearestCentreClassifier,
  relativeDeviation,
} from "../src/index";

const x = (): tf.Tensor4D => tf.tensor4d([0.1, 0.9, 0.4, 0.6, 0.2, 0.3, 0.8, 0.5], [2, 1, 2, 2]);

describe("toy classifiers", () => {
  test("linear: x·W + b of the flattened image", () => {
    const weights = tf.tensor2d([1, 0, 0, 1, 1, 1, 0, -1], [4, 2]);
    const logits = linearClassifier(weights, tf.tensor1d([0, 10]))(x());
    expect(relativeDeviation(logits, [0.5, 10.7, 1, 10.6])).toBeLessThan(1e-6);
    const classify = linearClassifier(weights);
    expect(() => classify(x())).toAllocate(2);
  });

  test("mean pool: a class a channel", () => {
    expect(relativeDeviation(meanPoolClassifier()(x()), [0.25, 0.75, 0.5, 0.4])).toBeLessThan(1e-6);
  });

  test("nearest centre: the winner is nearest, differences of logits are linear", () => {
    const centres = tf.tensor2d([
      [0, 1, 0.5, 0.5],
      [0, 0, 1, 0.5],
      [5, 5, 5, 5],
    ]);
    const classify = nearestCentreClassifier(centres);
    const logits = classify(x());
    expect(Array.from(tf.argMax(logits, 1).dataSync())).toEqual([0, 1]);
    const difference = (images: tf.Tensor): tf.Tensor => {
      const [first, second] = tf.split(classify(images as tf.Tensor4D), [1, 2], 1);
      return tf.sub(first as tf.Tensor, tf.slice(second as tf.Tensor, [0, 0], [-1, 1]));
    };
    const expected = [0, 1, -0.5, 0, 0, 1, -0.5, 0];
    expect(relativeDeviation(finiteDifference(difference, x()), expected)).toBeLessThan(1e-3);
  });

  test("the margin per epsilon is reached by the steepest perturbation of each norm", () => {
    const w = [3, -4, 0];
    expect(marginPerEpsilon(w, "linf")).toBe(7);
    expect(marginPerEpsilon(w, "l2")).toBe(5);
    expect(marginPerEpsilon(w, "l1")).toBe(4);
  });
});

describe("finiteDifference", () => {
  test("finds the gradient of a sum of squares and leaves one tensor", () => {
    const at = tf.tensor1d([1, -2, 0.5]);
    expect(
      relativeDeviation(
        finiteDifference((v) => tf.square(v), at),
        [2, -4, 1],
      ),
    ).toBeLessThan(1e-3);
    expect(() => finiteDifference((v) => tf.square(v), at)).toAllocate(1);
  });
});
