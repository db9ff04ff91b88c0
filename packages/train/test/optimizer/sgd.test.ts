import { ArgumentError } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Optimizer, type SgdOptions, sgd } from "../../src/index";

let weight: tf.Variable;
let optimizer: Optimizer;

beforeEach(() => {
  weight = tf.variable(tf.scalar(1));
});

afterEach(() => {
  weight.dispose();
  optimizer.dispose();
});

/** The weight after each of the gradients. */
function trajectory(options: SgdOptions, gradients: readonly number[], learningRate: number | tf.Scalar): number[] {
  optimizer = sgd(options);
  const parameters = new Map([["w", weight]]);
  return gradients.map((gradient) => {
    const decayed = optimizer.decay(parameters, new Map([["w", tf.scalar(gradient)]]));
    optimizer.update(parameters, decayed, learningRate);
    return weight.dataSync()[0] as number;
  });
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 6);
}

describe("sgd", () => {
  // m = 0.7, then 0.5 · 0.7 − 0.25 + 0.2 · 0.93 = 0.286, then 0.5 · 0.286 + 1 + 0.2 · 0.9014 = 1.32328.
  it("follows a trajectory worked by hand", () => {
    const options = { momentum: 0.5, weightDecay: 0.2 };
    expectClose(trajectory(options, [0.5, -0.25, 1], 0.1), [0.93, 0.9014, 0.769072]);
  });

  // d + 0.5 m = 1.05, then −0.071 + 0.5 · 0.279 = 0.0685, then 1.17763 + 0.5 · 1.31713 = 1.836195.
  it("follows a trajectory worked by hand with Nesterov's momentum", () => {
    const options = { momentum: 0.5, weightDecay: 0.2, nesterov: true };
    expectClose(trajectory(options, [0.5, -0.25, 1], 0.1), [0.895, 0.88815, 0.7045305]);
  });

  it("takes the learning rate as a tensor", () => {
    expectClose(trajectory({ momentum: 0.5 }, [1, 1], tf.scalar(0.1)), [0.9, 0.75]);
  });

  it("under a constant gradient has moved by lr · g · Σ (1 − μᵏ) / (1 − μ)", () => {
    const momentum = fc.double({ min: 0, max: 0.95, noNaN: true });
    const gradient = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(momentum, gradient, fc.integer({ min: 1, max: 6 }), (mu, g, steps) => {
        weight.assign(tf.scalar(1));
        const last = trajectory({ momentum: mu }, new Array<number>(steps).fill(g), 0.1).at(-1);
        let sum = 0;
        for (let k = 1; k <= steps; k++) sum += (1 - mu ** k) / (1 - mu);
        optimizer.dispose();
        expect(last).toBeCloseTo(1 - 0.1 * g * sum, 5);
      }),
    );
  });

  it("decays at the weights' present values and leaves the gradient alone", () => {
    optimizer = sgd({ weightDecay: 0.5 });
    const gradient = tf.scalar(2);
    weight.assign(tf.scalar(3));
    const decayed = optimizer.decay(new Map([["w", weight]]), new Map([["w", gradient]]));
    expect(decayed.get("w")?.dataSync()[0]).toBe(3.5);
    expect(gradient.dataSync()[0]).toBe(2);
  });

  it("counts a missing gradient as zero", () => {
    optimizer = sgd({ momentum: 0.9, weightDecay: 0.5 });
    const parameters = new Map([["w", weight]]);
    optimizer.update(parameters, optimizer.decay(parameters, new Map()), 0.1);
    expect(weight.dataSync()[0]).toBeCloseTo(0.95, 6);
  });

  it("keeps one variable a parameter, by its name, and makes it once", () => {
    optimizer = sgd({ momentum: 0.9 });
    const parameters = new Map([["w", weight]]);
    const gradients = new Map([["w", tf.scalar(1)]]);
    expect(() => optimizer.prepare(parameters)).toAllocate(1);
    expect([...optimizer.state.keys()]).toEqual(["momentum.w"]);
    expect(() => optimizer.update(parameters, gradients, 0.1)).toAllocate(0);
    expect(() => optimizer.decay(parameters, gradients)).toAllocate(1);
    expect(() => optimizer.dispose()).toAllocate(-1);
  });

  it("refuses options that cannot work", () => {
    for (const options of [{ momentum: -0.1 }, { momentum: Number.NaN }, { weightDecay: -1 }, { nesterov: true }]) {
      expect(() => sgd(options)).toThrow(ArgumentError);
    }
  });
});
