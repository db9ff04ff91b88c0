import { finiteDifference, relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  crossEntropy,
  dlr,
  type Labels,
  type Logits,
  margin,
  misclassified,
  valueAndGradient,
} from "../../src/index";

const z = (): Logits => tf.tensor2d([2, 1, 0.5, -1, 0.5, 0, 3, 2, -1, 0.2, 0.1, 4], [3, 4]);
const indices = (): Labels => tf.tensor1d([0, 2, 3], "int32");
const shares = (): tf.Tensor2D => tf.tensor2d([0.5, 0.25, 0.25, 0, 0, 0, 1, 0, 0.1, 0.2, 0.3, 0.4], [3, 4]);

// From PyTorch 1.13's cross_entropy in double precision.
const reference = {
  smoothed: [0.6326818980858561, 0.5677994331602981, 0.36567152550018867],
  shares: [1.120181898085856, 0.40529943316029815, 2.4781715909126696],
  both: [1.195181898085856, 0.5677994331602981, 2.552671584270839],
};

describe("crossEntropy of probabilities and with smoothing", () => {
  it("is PyTorch's", () => {
    expect(relativeDeviation(crossEntropy(z(), indices(), { smoothing: 0.1 }), reference.smoothed)).toBeLessThan(1e-6);
    expect(relativeDeviation(crossEntropy(z(), shares()), reference.shares)).toBeLessThan(1e-6);
    expect(relativeDeviation(crossEntropy(z(), shares(), { smoothing: 0.1 }), reference.both)).toBeLessThan(1e-6);
  });

  it("is that of the indices for one-hot probabilities, bit for bit, and so is its gradient", () => {
    const oneHot = tf.cast(tf.oneHot(indices(), 4) as tf.Tensor2D, "float32");
    const bits = (labels: Labels) => {
      const { value, gradient } = valueAndGradient((logits: Logits) => crossEntropy(logits, labels), z());
      return [value.dataSync(), gradient.dataSync()];
    };
    expect(bits(oneHot)).toEqual(bits(indices()));
  });

  it.each([0, 0.3])("has the gradient that finite differences find, with smoothing %d", (smoothing) => {
    const loss = (logits: tf.Tensor) => crossEntropy(logits as Logits, shares(), { smoothing });
    const { gradient } = valueAndGradient(loss, z());
    expect(relativeDeviation(gradient, finiteDifference(loss, z()))).toBeLessThan(1e-3);
  });

  it("lets no gradient through the probabilities", () => {
    const { connected } = valueAndGradient((logits: Logits) => crossEntropy(z(), tf.softmax(logits)), z());
    expect(connected).toBe(false);
  });

  it("is finite for logits of ±1e4", () => {
    const far = tf.tensor2d([[1e4, -1e4, 0]]);
    const labels = tf.tensor2d([[0.2, 0.5, 0.3]]);
    const { value, gradient } = valueAndGradient((logits: Logits) => crossEntropy(logits, labels), far);
    expect(value.dataSync()[0]).toBeCloseTo(0.5 * 2e4 + 0.3 * 1e4, 0);
    expect(relativeDeviation(gradient, [0.8, -0.5, -0.3])).toBeLessThan(1e-6);
  });

  it("leaves one tensor, and none when it refuses its arguments", () => {
    const [logits, soft, hard] = [z(), shares(), indices()];
    expect(() => crossEntropy(logits, soft)).toAllocate(1);
    expect(() => crossEntropy(logits, hard, { smoothing: 0.1 })).toAllocate(1);
    const narrow = tf.zeros<tf.Rank.R2>([3, 3]);
    const whole = tf.zeros<tf.Rank.R2>([3, 4], "int32");
    const wrong: [() => tf.Tensor, string][] = [
      [() => crossEntropy(logits, narrow), "labels: got [3, 3], want the shape of logits, [3,4]"],
      [() => crossEntropy(logits, whole), 'labels: got "int32", want probabilities of dtype float32'],
      [() => crossEntropy(logits, hard, { smoothing: 1.5 }), "smoothing: got 1.5"],
      [() => margin(logits, soft), "labels: got [3, 4], want a class for each example, [3]"],
      [() => dlr(logits, soft), "want a class for each example"],
      [() => misclassified(logits, soft), "want a class for each example"],
    ];
    for (const [call, message] of wrong) {
      expect(() => expect(call).toThrow(message)).toAllocate(0);
      expect(call).toThrow(ArgumentError);
    }
  });
});
