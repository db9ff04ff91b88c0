import { finiteDifference, relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { bestOther, flooredLog } from "../../src/authoring";
import { ArgumentError, klDivergence, type Labels, type Logits, valueAndGradient } from "../../src/index";

const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());

describe("flooredLog", () => {
  test("is log(e^x + floor), far above the floor, at it and below it", () => {
    const x = [3, 0, -5, Math.log(1e-4), -12, -1e4];
    const expected = x.map((each) => Math.log(Math.exp(each) + 1e-4));
    expect(relativeDeviation(flooredLog(tf.tensor1d(x), 1e-4), expected)).toBeLessThan(1e-6);
  });

  test("has the slope e^x / (e^x + floor), a half where the two are equal", () => {
    const at = [3, -8, Math.fround(Math.log(1e-4)), -12, -1e4];
    const { gradient } = valueAndGradient((x) => flooredLog(x, 1e-4), tf.tensor1d(at));
    const expected = at.map((each) => 1 / (1 + 1e-4 * Math.exp(-each)));
    expect(relativeDeviation(gradient, expected)).toBeLessThan(1e-5);
    expect(values(gradient)[2]).toBeCloseTo(0.5, 6);
  });

  test("leaves its value alone", () => {
    const x = tf.zeros([3, 2]);
    expect(() => flooredLog(x, 1e-12)).toAllocate(1);
    expect(() => valueAndGradient((at) => flooredLog(at, 1e-12), x)).toAllocate(2);
  });
});

describe("klDivergence with a floor", () => {
  const p = (): Logits => tf.tensor2d([2, 1, 0.5, -1, 0.5, 0, 3, 2], [2, 4]);
  const q = (): Logits => tf.tensor2d([0.5, 1.2, 0.3, -1, 0, 9, 1.5, -4], [2, 4]);

  test("raises each probability of Q by it", () => {
    const softmax = (row: readonly number[]): number[] => {
      const sum = row.reduce((total, each) => total + Math.exp(each), 0);
      return row.map((each) => Math.exp(each) / sum);
    };
    const [rowsP, rowsQ] = [p().arraySync(), q().arraySync()];
    const expected = rowsP.map((row, i) => {
      const other = softmax(rowsQ[i]!);
      return softmax(row).reduce((sum, each, j) => sum + each * (Math.log(each) - Math.log(other[j]! + 0.01)), 0);
    });
    expect(relativeDeviation(klDivergence(p(), q(), { floor: 0.01 }), expected)).toBeLessThan(1e-6);
  });

  test("has the gradients that finite differences find, at a floor that counts", () => {
    const options = { floor: 0.01 };
    const inP = valueAndGradient((z) => klDivergence(z, q(), options), p()).gradient;
    const expectedInP = finiteDifference((z) => klDivergence(z as Logits, q(), options), p());
    expect(relativeDeviation(inP, expectedInP)).toBeLessThan(1e-3);
    const inQ = valueAndGradient((z) => klDivergence(p(), z, options), q()).gradient;
    const expectedInQ = finiteDifference((z) => klDivergence(p(), z as Logits, options), q());
    expect(relativeDeviation(inQ, expectedInQ)).toBeLessThan(1e-3);
  });

  test("is at most −log floor, however sure both are of two classes", () => {
    const [sure, opposite]: [Logits, Logits] = [tf.tensor2d([[1e4, -1e4]]), tf.tensor2d([[-1e4, 1e4]])];
    expect(values(klDivergence(sure, opposite, { floor: 1e-12 }))[0]).toBeCloseTo(-Math.log(1e-12), 4);
  });

  test("refuses a floor that is negative or no number", () => {
    for (const floor of [-1e-12, Number.NaN]) {
      expect(() => klDivergence(p(), q(), { floor })).toThrow(`floor: got ${floor}`);
    }
  });
});

describe("bestOther", () => {
  test("is one-hot at the largest logit but the label's, at one alone among equals, and has no gradient", () => {
    const z: Logits = tf.tensor2d([
      [5, 1, 2],
      [1, 7, 7],
    ]);
    const labels: Labels = tf.tensor1d([0, 0], "int32");
    expect(bestOther(z, labels).arraySync()).toEqual([
      [0, 0, 1],
      [0, 1, 0],
    ]);
    const { gradient } = valueAndGradient((at: Logits) => tf.mul(at, bestOther(at, labels)), z);
    expect(gradient.arraySync()).toEqual(bestOther(z, labels).arraySync());
    expect(() => bestOther(z, labels)).toAllocate(1);
  });

  test("wants two classes", () => {
    const single = () => bestOther(tf.zeros([1, 1]), tf.tensor1d([0], "int32"));
    expect(single).toThrow(ArgumentError);
    expect(single).toThrow("at least 2 classes");
  });
});
