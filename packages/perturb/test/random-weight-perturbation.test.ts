import { normal, random, type WeightPerturbation } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { randomWeightPerturbation, type WeightBall } from "../src/index";
import { host, norm, quadratic, type Toy } from "./toy-weights";

let toy: Toy;
beforeEach(() => {
  toy = quadratic();
});
afterEach(() => toy.dispose());

const drawn = (options: WeightBall, seed = 1): WeightPerturbation =>
  randomWeightPerturbation(options)(toy.weights, () => expect.unreachable(), random(seed));
const flat = (v: WeightPerturbation): number[] => [...v.deltas.values()].flatMap(host);

describe("a random weight perturbation", () => {
  it("has length gamma times the weights' in each tensor", () => {
    const v = drawn({ gamma: 0.2 });
    expect([...v.deltas.keys()]).toEqual(["kernel", "dense", "unused"]);
    for (const [name, delta] of v.deltas) expect(norm(delta) / norm(toy.weights.get(name))).toBeCloseTo(0.2, 6);
  });

  it("has the length of the filter in each filter, and one ratio for all", () => {
    const filter = tf.div(
      tf.norm(drawn({ gamma: 1, scaling: "filter" }).deltas.get("dense")!, 2, 0),
      tf.norm(toy.weights.get("dense")!, 2, 0),
    );
    for (const ratio of host(filter)) expect(ratio).toBeCloseTo(1, 6);
    const kernels = ["kernel", "dense", "unused"].flatMap((name) => host(toy.weights.get(name)));
    const together = drawn({ gamma: 0.5, scaling: "global" });
    expect(Math.hypot(...flat(together)) / Math.hypot(...kernels)).toBeCloseTo(0.5, 6);
  });

  it("points in a direction of its own for each seed and each parameter", () => {
    expect(flat(drawn({ gamma: 1 }, 2))).not.toEqual(flat(drawn({ gamma: 1 }, 1)));
    expect(flat(drawn({ gamma: 1 }, 1))).toEqual(flat(drawn({ gamma: 1 }, 1)));
    const only = drawn({ gamma: 1, predicate: (name) => name === "dense" });
    expect(host(only.deltas.get("dense"))).toEqual(host(drawn({ gamma: 1 }).deltas.get("dense")));
    const twins = new Map(["first", "second"].map((name) => [name, tf.variable(normal(random(3), [20, 20]))]));
    const v = randomWeightPerturbation({ gamma: 1 })(twins, () => expect.unreachable(), random(1));
    const [first, second] = [...v.deltas.values()];
    const cosine = tf.div(tf.sum(tf.mul(first!, second!)), tf.mul(tf.norm(first!), tf.norm(second!)));
    expect(Math.abs(cosine.dataSync()[0]!)).toBeLessThan(0.2);
    tf.dispose([...twins.values()]);
  });

  it("is empty at gamma 0, and keeps itself alone", () => {
    expect(drawn({ gamma: 0 }).deltas.size).toBe(0);
    expect(() => drawn({ gamma: 0.1 })).toAllocate(3);
    expect(() => drawn({ gamma: 0.1, scaling: "global" }).dispose()).toAllocate(0);
  });

  it("wants a gamma and randomness that is not per example", () => {
    expect(() => randomWeightPerturbation({ gamma: -1 })).toThrow(expect.objectContaining({ argument: "gamma" }));
    const rows = random(1).forRows(Int32Array.of(1, 2));
    expect(() => randomWeightPerturbation({ gamma: 1 })(toy.weights, toy.loss, rows)).toThrow(
      expect.objectContaining({ argument: "random" }),
    );
  });
});
