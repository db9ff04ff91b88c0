import { type NamedTensors, parameterGradients, random } from "@awp/core";
import { relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { awp, perturbationAlong, withPerturbation } from "../src/index";
import { host, norm, quadratic, type Toy } from "./toy-weights";

let toy: Toy;
let gradients: NamedTensors;
beforeEach(() => {
  toy = quadratic();
  gradients = parameterGradients(toy.loss, toy.weights).gradients;
});
afterEach(() => toy.dispose());

const ball = { gamma: 0.03 };
const values = (deltas: NamedTensors): [string, number[]][] => [...deltas].map(([name, delta]) => [name, host(delta)]);
const attacked = (options = ball): NamedTensors => awp(options)(toy.weights, toy.loss, random(0)).deltas;

describe("a perturbation along given directions", () => {
  it.each([{}, { scaling: "filter" as const }, { scaling: "global" as const }, { relativeBox: 0.01 }])(
    "is awp, to the bit, along the gradient: %j",
    (options) => {
      const v = perturbationAlong(toy.weights, gradients, { ...ball, ...options });
      expect(values(v.deltas)).toEqual(values(attacked({ ...ball, ...options })));
    },
  );

  it("does not depend on their length, and is 0 along zeros and what is missing", () => {
    const long = (name: string) => (name === "kernel" ? tf.mul(gradients.get(name)!, 1e20) : undefined);
    const v = perturbationAlong(toy.weights, long, ball);
    expect(relativeDeviation(v.deltas.get("kernel")!, attacked().get("kernel")!)).toBeLessThan(1e-6);
    expect(norm(v.deltas.get("dense"))).toBe(0);
    const none = perturbationAlong(toy.weights, (name) => tf.zerosLike(toy.weights.get(name)!), ball);
    expect([...none.deltas.values()].map(norm)).toEqual([0, 0, 0]);
  });

  it("asks for those of the parameters that move alone, and for none at gamma 0", () => {
    const asked: string[] = [];
    const directions = (name: string) => {
      asked.push(name);
      return gradients.get(name);
    };
    perturbationAlong(toy.weights, directions, { ...ball, predicate: (name) => name === "bias" });
    perturbationAlong(toy.weights, directions, { gamma: 0 });
    expect(asked).toEqual(["bias"]);
  });

  it("keeps itself alone, whatever the directions compute", () => {
    const computed = (name: string) => tf.add(tf.mul(gradients.get(name)!, 2), 1);
    expect(() => perturbationAlong(toy.weights, computed, ball)).toAllocate(3);
    expect(() => perturbationAlong(toy.weights, gradients, ball).dispose()).toAllocate(0);
    expect(host(gradients.get("dense")).every(Number.isFinite)).toBe(true);
  });

  it("is an error along nothing, along another shape, and on displaced weights", () => {
    const renamed = new Map([...gradients].map(([name, gradient]) => [`momentum.${name}`, gradient]));
    expect(() => perturbationAlong(toy.weights, renamed, ball)).toThrow(
      expect.objectContaining({ argument: "directions" }),
    );
    expect(() => {
      expect(() => perturbationAlong(toy.weights, () => tf.zeros([2]), ball)).toThrow(
        expect.objectContaining({ argument: 'directions("kernel")' }),
      );
    }).toAllocate(0);
    const v = perturbationAlong(toy.weights, gradients, ball);
    withPerturbation(toy.weights, v, () => {
      expect(() => perturbationAlong(toy.weights, gradients, ball)).toThrow(/"kernel" is displaced/);
    });
  });
});

describe("along the momentum that SGD is about to have, momentum · m + g, a perturbation", () => {
  const along = (momentum: number, m: NamedTensors): NamedTensors =>
    perturbationAlong(toy.weights, (name) => tf.add(gradients.get(name)!, tf.mul(momentum, m.get(name)!)), ball).deltas;

  it("is awp at momentum 0", () => {
    const m = new Map([...toy.weights].map(([name, weight]) => [name, tf.onesLike(weight)]));
    expect(values(along(0, m))).toEqual(values(attacked()));
    expect(relativeDeviation(along(0.9, m).get("dense")!, attacked().get("dense")!)).toBeGreaterThan(1e-3);
  });

  it("is awp at any momentum while the gradients stay the same", () => {
    expect(relativeDeviation(along(0.9, gradients).get("dense")!, attacked().get("dense")!)).toBeLessThan(1e-6);
  });
});

it("Adam's first moment at beta1 = 0 is the last gradient, along which a perturbation is awp", async () => {
  const adam = tf.train.adam(0, 0); // at rate 0 the weights stay where the gradient was taken
  adam.applyGradients([...toy.weights].map(([name, w]) => ({ name: w.name, tensor: gradients.get(name)! })));
  const state = new Map((await adam.getWeights()).map(({ name, tensor }) => [name, tensor]));
  const v = perturbationAlong(toy.weights, (name) => state.get(`${toy.weights.get(name)!.name}/m`), ball);
  expect(relativeDeviation(v.deltas.get("kernel")!, attacked().get("kernel")!)).toBeLessThan(1e-6);
  adam.dispose();
});
