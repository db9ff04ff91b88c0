import { parameterGradients, random, type WeightPerturbation } from "@awp/core";
import { relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { awp, type AwpOptions, withPerturbation } from "../src/index";
import { host, linearSoftmax, norm, quadratic, type Toy } from "./toy-weights";

const unused = random(0);
const found = (toy: Toy, options: AwpOptions, scale = 1): WeightPerturbation =>
  awp(options)(toy.weights, () => tf.tidy(() => tf.mul(toy.loss(), scale)), unused);
const lossAt = (toy: Toy, v: WeightPerturbation): number =>
  withPerturbation(toy.weights, v, () => toy.loss().dataSync()[0]!);

// The reference's formulas on this toy in double precision: gamma 0.01, lr 0.1, weight decay 5e-4 at w + v.
describe("awp on the linear softmax", () => {
  let toy: Toy;
  beforeEach(() => {
    toy = linearSoftmax();
  });
  afterEach(() => toy.dispose());

  it("has the known figures", () => {
    expect(toy.loss().dataSync()[0]).toBeCloseTo(0.5071239895, 6);
    const v = found(toy, { gamma: 0.01 });
    const expected = [
      [-0.0032671231, 0.0026613089, 0.0006058142],
      [-0.0081987239, 0.0035195106, 0.0046792133],
      [0.0040993619, -0.0017597553, -0.0023396066],
    ];
    expect([...v.deltas.keys()]).toEqual(["weight"]);
    expect(relativeDeviation(v.deltas.get("weight")!, expected)).toBeLessThan(1e-6);
    expect(norm(v.deltas.get("weight")) / norm(toy.weights.get("weight"))).toBeCloseTo(0.01, 8);
    expect(lossAt(toy, v)).toBeCloseTo(0.5157699061, 6);
  });

  it("gives the known weights after a step at w + v", () => {
    const v = found(toy, { gamma: 0.01 });
    const steps = withPerturbation(toy.weights, v, () => {
      const { gradients } = parameterGradients(toy.loss, toy.weights);
      return [...toy.weights].map(([name, w]) => tf.mul(0.1, tf.add(gradients.get(name)!, tf.mul(5e-4, w))));
    });
    const [weight, bias] = [...toy.weights.values()].map((w, k) => tf.sub(w, steps[k]!));
    const expectedWeight = [
      [0.2197021189, -0.1160494387, 0.3963223198],
      [0.3493620877, 0.4784911389, -0.2278832265],
      [-0.6246585438, 0.1107369306, 0.7139116133],
    ];
    expect(relativeDeviation(weight!, expectedWeight)).toBeLessThan(1e-6);
    expect(relativeDeviation(bias!, [0.059756689, -0.0466782318, 0.0169200428])).toBeLessThan(1e-6);
  });

  it.each([1000, 1e-6, 1e-25])("does not depend on the scale of the loss: times %d", (scale) => {
    const [v, w] = [found(toy, { gamma: 0.01 }), found(toy, { gamma: 0.01 }, scale)];
    expect(relativeDeviation(w.deltas.get("weight")!, v.deltas.get("weight")!)).toBeLessThan(1e-6);
  });

  it("raises the loss", () => {
    for (const gamma of [1e-4, 1e-3, 1e-2]) {
      expect(lossAt(toy, found(toy, { gamma }))).toBeGreaterThan(toy.loss().dataSync()[0]!);
    }
  });

  it("finds no direction at gamma 0, at no cost", () => {
    const loss = (): tf.Scalar => {
      throw new Error("evaluated");
    };
    const v = awp({ gamma: 0 })(toy.weights, loss, unused);
    expect(v.deltas.size).toBe(0);
    expect(lossAt(toy, v)).toBe(toy.loss().dataSync()[0]);
  });

  it("keeps its perturbation alone, also when the loss throws", () => {
    const allocating = (options: AwpOptions) => () => found(toy, options);
    expect(allocating({ gamma: 0.01 })).toAllocate(1);
    expect(allocating({ gamma: 0.01, steps: 4 })).toAllocate(1);
    expect(() => found(toy, { gamma: 0.01, steps: 2 }).dispose()).toAllocate(0);
    for (const failing of [1, 2, 3]) {
      let pass = 0;
      const loss = (): tf.Scalar => {
        if (++pass === failing) throw new Error("out of order");
        return toy.loss();
      };
      expect(() => {
        expect(() => awp({ gamma: 0.01, steps: 3 })(toy.weights, loss, unused)).toThrow("out of order");
      }).toAllocate(0);
    }
    expect(host(toy.weights.get("weight"))).toEqual(host(linear()));
  });

  it("takes the parameters that the predicate chooses", () => {
    const v = found(toy, { gamma: 0.01, predicate: (name) => name === "bias" });
    expect([...v.deltas.keys()]).toEqual(["bias"]);
    expect(() => found(toy, { gamma: 0.01, predicate: () => false })).toThrow(
      expect.objectContaining({ argument: "predicate" }),
    );
  });

  it("is an error on weights that are displaced", () => {
    const v = found(toy, { gamma: 0.01 });
    withPerturbation(toy.weights, v, () => {
      expect(() => found(toy, { gamma: 0.01 })).toThrow(/"weight" is displaced/);
    });
  });

  it.each([
    ["gamma", { gamma: -0.01 }],
    ["gamma", { gamma: Number.NaN }],
    ["steps", { gamma: 0.01, steps: 0 }],
    ["stepSize", { gamma: 0.01, stepSize: -1 }],
    ["scaling", { gamma: 0.01, scaling: "row" as never }],
  ])("%s out of range is an error: %j", (argument, options) => {
    expect(() => awp(options)).toThrow(expect.objectContaining({ argument }));
  });
});

function linear(): tf.Tensor {
  const toy = linearSoftmax();
  const values = tf.clone(toy.weights.get("weight")!);
  toy.dispose();
  return values;
}

describe("awp on weights of several ranks", () => {
  let toy: Toy;
  beforeEach(() => {
    toy = quadratic();
  });
  afterEach(() => toy.dispose());

  it("has length gamma times the weights' in each tensor, along its gradient, and 0 where the gradient is 0", () => {
    const v = found(toy, { gamma: 0.03 });
    const { gradients } = parameterGradients(toy.loss, toy.weights);
    expect([...v.deltas.keys()]).toEqual(["kernel", "dense", "unused"]);
    for (const name of ["kernel", "dense"]) {
      expect(norm(v.deltas.get(name)) / norm(toy.weights.get(name)) / 0.03).toBeCloseTo(1, 6);
      expect(cosine(host(v.deltas.get(name)), host(gradients.get(name)))).toBeCloseTo(1, 6);
    }
    expect(host(v.deltas.get("unused"))).toEqual([0, 0, 0, 0]);
  });

  it("has length gamma times the filter's in each filter with filter scaling", () => {
    const v = found(toy, { gamma: 0.03, scaling: "filter", predicate: () => true });
    const { gradients } = parameterGradients(toy.loss, toy.weights);
    for (const name of ["kernel", "dense"]) {
      const [deltas, weights, directions] = [v.deltas, toy.weights, gradients].map((of) => filters(of.get(name)!));
      deltas!.forEach((filter, k) => {
        expect(Math.hypot(...filter) / Math.hypot(...weights![k]!) / 0.03).toBeCloseTo(1, 6);
        expect(cosine(filter, directions![k]!)).toBeCloseTo(1, 6);
      });
    }
    // A bias is one filter.
    expect(norm(v.deltas.get("bias")) / norm(toy.weights.get("bias")) / 0.03).toBeCloseTo(1, 6);
    expect(cosine(host(v.deltas.get("bias")), host(gradients.get("bias")))).toBeCloseTo(1, 6);
  });

  it("has one ratio for all with global scaling", () => {
    const v = found(toy, { gamma: 0.03, scaling: "global" });
    const { gradients } = parameterGradients(toy.loss, toy.weights);
    const names = ["kernel", "dense", "unused"];
    const all = (of: ReadonlyMap<string, tf.Tensor>) => names.flatMap((name) => host(of.get(name)));
    expect(Math.hypot(...all(v.deltas)) / Math.hypot(...all(toy.weights)) / 0.03).toBeCloseTo(1, 6);
    expect(cosine(all(v.deltas), all(gradients))).toBeCloseTo(1, 6);
  });

  it("evaluates the loss once a step", () => {
    let passes = 0;
    const loss = (): tf.Scalar => {
      passes++;
      return toy.loss();
    };
    awp({ gamma: 0.1, steps: 4 })(toy.weights, loss, unused).dispose();
    expect(passes).toBe(4);
  });
});

describe("awp in several steps", () => {
  const scaling = fc.constantFrom("layer" as const, "filter" as const, "global" as const);

  it("never lowers a convex loss, and stays in the ball", () => {
    fc.assert(
      fc.property(fc.nat(1000), scaling, fc.double({ min: 0.01, max: 0.5, noNaN: true }), (seed, by, gamma) => {
        const toy = quadratic(seed);
        try {
          tf.tidy(() => {
            const losses = [1, 2, 5].map((steps) => lossAt(toy, found(toy, { gamma, scaling: by, steps })));
            expect(losses[1]! / losses[0]!).toBeGreaterThan(1 - 1e-6);
            expect(losses[2]! / losses[1]!).toBeGreaterThan(1 - 1e-6);
            const v = found(toy, { gamma, scaling: by, steps: 3, stepSize: gamma / 2 });
            for (const [length, radius] of lengths(toy, v, by)) {
              expect(length).toBeLessThanOrEqual(gamma * radius * (1 + 1e-6));
            }
          });
        } finally {
          toy.dispose();
        }
      }),
      { numRuns: 25 },
    );
  });

  it("improves on one step where the gradient turns", () => {
    const toy = quadratic();
    const [one, five] = [1, 5].map((steps) => lossAt(toy, found(toy, { gamma: 0.5, steps })));
    expect(five! / one!).toBeGreaterThan(1.01);
    toy.dispose();
  });

  it("leaves the weights as they were", () => {
    const toy = quadratic();
    const before = [...toy.weights.values()].map(host);
    found(toy, { gamma: 0.3, steps: 5 });
    expect([...toy.weights.values()].map(host)).toEqual(before);
    toy.dispose();
  });
});

/** Of each group: the length of the perturbation and of the weights. */
function lengths(toy: Toy, v: WeightPerturbation, scaling: string): [number, number][] {
  const pairs = [...v.deltas].map(([name, delta]) => [delta, toy.weights.get(name)!] as const);
  if (scaling === "layer") return pairs.map(([delta, weight]) => [norm(delta), norm(weight)]);
  if (scaling === "filter") {
    return pairs.flatMap(([delta, weight]) => {
      const weightFilters = filters(weight);
      return filters(delta).map((filter, k): [number, number] => [
        Math.hypot(...filter),
        Math.hypot(...weightFilters[k]!),
      ]);
    });
  }
  return [[Math.hypot(...pairs.map(([delta]) => norm(delta))), Math.hypot(...pairs.map(([, weight]) => norm(weight)))]];
}

/** The entries of each output filter, the last axis. */
function filters(tensor: tf.Tensor): number[][] {
  const count = tensor.shape.at(-1)!;
  const values = host(tensor);
  return Array.from({ length: count }, (_, k) => values.filter((__, i) => i % count === k));
}

function cosine(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0) / Math.hypot(...a) / Math.hypot(...b);
}
