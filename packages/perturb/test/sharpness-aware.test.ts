import { random, type WeightPerturbation } from "@awp/core";
import { relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, it } from "vitest";
import { asam, sam, withPerturbation } from "../src/index";
import { host, quadratic } from "./toy-weights";

const made: tf.Variable[] = [];
const variables = (values: Readonly<Record<string, tf.TensorLike>>) => {
  const weights = new Map(Object.entries(values).map(([name, value]) => [name, tf.variable(tf.tensor(value))]));
  made.push(...weights.values());
  return weights;
};
afterEach(() => tf.dispose(made.splice(0)));
type Weights = ReturnType<typeof variables>;
const flat = (v: WeightPerturbation): number[] => [...v.deltas.values()].flatMap(host);

/** ½ ‖w‖², whose gradient is w. */
const halfSquare = (weights: Weights) => (): tf.Scalar =>
  tf.tidy(() => tf.mul(0.5, tf.addN([...weights.values()].map((w) => tf.sum(tf.square(w))))));
/** Σ w, whose gradient is 1. */
const total = (weights: Weights) => (): tf.Scalar =>
  tf.tidy(() => tf.addN([...weights.values()].map((w) => tf.sum<tf.Scalar>(w))));

describe("sam", () => {
  it("on a quadratic is rho along the gradient of all parameters, and its loss the closed form's", () => {
    const weights = variables({ "fc.weight": [[3, 0]], "fc.bias": [4] });
    const v = sam({ rho: 0.5 })(weights, halfSquare(weights), random(0));
    expect(relativeDeviation(flat(v), [0.3, 0, 0.4])).toBeLessThan(1e-6);
    const worst = withPerturbation(weights, v, halfSquare(weights));
    expect(relativeDeviation(worst, 0.5 * 5.5 ** 2)).toBeLessThan(1e-6);
  });

  it("has length rho, whatever the weights' own, and at a scalar rho too", () => {
    const toy = quadratic();
    for (const rho of [0.01, tf.scalar(2)]) {
      const length = typeof rho === "number" ? rho : 2;
      expect(Math.hypot(...flat(sam({ rho })(toy.weights, toy.loss, random(0)))) / length).toBeCloseTo(1, 6);
    }
    toy.dispose();
  });
});

describe("asam", () => {
  it("is rho T² g / ‖T g‖ with T = |w| + eta of weights and 1 of biases", () => {
    const weights = variables({ "fc.weight": [[3, -1]], "fc.bias": [7] });
    const v = asam({ rho: 2, eta: 1 })(weights, total(weights), random(0)); // T g = [4, 2, 1]
    expect(
      relativeDeviation(
        flat(v),
        [32, 8, 2].map((entry) => entry / Math.sqrt(21)),
      ),
    ).toBeLessThan(1e-6);
    const all = asam({ rho: 2, eta: 1, adaptive: () => true })(weights, total(weights), random(0)); // T g = [4, 2, 8]
    expect(
      relativeDeviation(
        flat(all),
        [32, 8, 128].map((entry) => entry / Math.sqrt(84)),
      ),
    ).toBeLessThan(1e-6);
  });

  it("takes the biases of layers models for biases, and eta 0.01 unless told otherwise", () => {
    const weights = variables({ "dense/kernel": [[0, 0]], "dense/bias": [5], "norm/beta": [5] });
    const v = asam({ rho: 1 })(weights, total(weights), random(0));
    const length = Math.sqrt(2 * 0.01 ** 2 + 2);
    expect(
      relativeDeviation(
        flat(v),
        [1e-4, 1e-4, 1, 1].map((entry) => entry / length),
      ),
    ).toBeLessThan(1e-6);
  });

  it("at eta 0 finds the same loss when one layer is multiplied and the next divided, which sam does not", () => {
    const x = tf.tensor2d([1, -2, 0.5, 3, 1, -1], [2, 3]);
    const worst = (method: ReturnType<typeof sam>, factor: number): number => {
      const weights = variables({
        "1.weight": tf.mul(tf.tensor2d([0.2, -0.4, 0.5, 0.3, -0.1, 0.6], [3, 2]), factor).arraySync(),
        "2.weight": tf.div(tf.tensor2d([0.7, -0.3, 0.4, 0.9], [2, 2]), factor).arraySync(),
      });
      const [first, second] = [...weights.values()] as [tf.Variable<tf.Rank.R2>, tf.Variable<tf.Rank.R2>];
      const loss = (): tf.Scalar =>
        tf.tidy(() => tf.sum(tf.square(tf.sub(tf.matMul(tf.relu(tf.matMul(x, first)), second), 1))));
      return withPerturbation(weights, method(weights, loss, random(0)), loss).dataSync()[0]!;
    };
    const adaptive = asam({ rho: 0.3, eta: 0 });
    expect(worst(adaptive, 8) / worst(adaptive, 1)).toBeCloseTo(1, 5);
    expect(worst(sam({ rho: 0.3 }), 8) / worst(sam({ rho: 0.3 }), 1)).toBeGreaterThan(1.5);
  });
});

describe.each([
  ["sam", sam],
  ["asam", asam],
] as const)("%s", (_name, method) => {
  it("raises the loss in one pass, leaves the weights, and keeps its perturbation alone", () => {
    const toy = quadratic();
    const before = [...toy.weights.values()].map(host);
    let passes = 0;
    const loss = (): tf.Scalar => {
      passes++;
      return toy.loss();
    };
    const v = method({ rho: 0.1 })(toy.weights, loss, random(0));
    expect(passes).toBe(1);
    expect([...v.deltas.keys()]).toEqual([...toy.weights.keys()]);
    expect(withPerturbation(toy.weights, v, toy.loss).dataSync()[0]).toBeGreaterThan(toy.loss().dataSync()[0]!);
    expect([...toy.weights.values()].map(host)).toEqual(before);
    expect(() => method({ rho: 0.1 })(toy.weights, toy.loss, random(0))).toAllocate(4);
    toy.dispose();
  });

  it("is 0 where the gradient is, empty at rho 0 without a pass, and of the predicate's parameters", () => {
    const toy = quadratic();
    const v = method({ rho: 0.1 })(toy.weights, () => tf.scalar(1), random(0));
    expect(new Set(flat(v))).toEqual(new Set([0]));
    expect(method({ rho: 0 })(toy.weights, () => expect.unreachable(), random(0)).deltas.size).toBe(0);
    const kernels = method({ rho: 0.1, predicate: (name) => name === "kernel" })(toy.weights, toy.loss, random(0));
    expect([...kernels.deltas.keys()]).toEqual(["kernel"]);
    withPerturbation(toy.weights, v, () => {
      expect(() => method({ rho: 0.1 })(toy.weights, toy.loss, random(0))).toThrow(/displaced/);
    });
    toy.dispose();
  });

  it("wants a rho that is not negative", () => {
    expect(() => method({ rho: -1 })).toThrow(expect.objectContaining({ argument: "rho" }));
    expect(() => asam({ rho: 1, eta: -1 })).toThrow(expect.objectContaining({ argument: "eta" }));
  });
});
