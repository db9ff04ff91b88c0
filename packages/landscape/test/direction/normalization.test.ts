import { normal, type Parameters, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Direction, normalizedDirection, randomDirection } from "../../src/index";

const shapes = { convolution: [3, 3, 2, 4], dense: [5, 3], scale: [4], bias: [3] };

let parameters: Parameters;
beforeEach(() => {
  const made = Object.entries(shapes).map(([name, shape], k) => {
    const weight = tf.tidy(() => tf.variable(normal(random(1).fold(k), shape)));
    return [name, weight] as const;
  });
  parameters = new Map(made);
});
afterEach(() => tf.dispose([...parameters.values()]));

/** The norm of each filter, the last axis, in double precision. */
function filterNorms(tensor: tf.Tensor): number[] {
  const filters = tensor.shape.at(-1) as number;
  const values = [...tensor.dataSync()];
  return Array.from({ length: filters }, (_, filter) => Math.hypot(...values.filter((_, i) => i % filters === filter)));
}

function close(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of actual.entries()) expect(value / expected[i]!).toBeCloseTo(1, 5);
}

function using(direction: Direction, look: (deltas: ReadonlyMap<string, tf.Tensor>) => void): void {
  try {
    look(direction.deltas);
  } finally {
    direction.dispose();
  }
}

describe("a random direction", () => {
  it("has the norm of each of the weights' filters, and leaves biases and scales where they are", () => {
    const direction = randomDirection(parameters, random(2));
    expect(direction.description).toBe("random, filter-normalised");
    using(direction, (deltas) => {
      expect([...deltas.keys()]).toEqual(["convolution", "dense"]);
      for (const [name, delta] of deltas) close(filterNorms(delta), filterNorms(parameters.get(name)!));
    });
  });

  it("has the norm of each of the weights' layers", () => {
    using(randomDirection(parameters, random(2), { normalization: "layer" }), (deltas) => {
      for (const [name, delta] of deltas) {
        close([Math.hypot(...filterNorms(delta))], [Math.hypot(...filterNorms(parameters.get(name)!))]);
        expect(filterNorms(delta)[0]! / filterNorms(parameters.get(name)!)[0]!).not.toBeCloseTo(1, 3);
      }
    });
  });

  it("is standard normal without normalisation, and the same direction with it", () => {
    const raw = randomDirection(parameters, random(2), { normalization: "none", predicate: () => true });
    expect(raw.description).toBe("random");
    expect([...raw.deltas.keys()]).toEqual(Object.keys(shapes));
    const values = [...raw.deltas.get("convolution")!.dataSync()];
    expect(values.reduce((sum, value) => sum + value ** 2, 0) / values.length).toBeGreaterThan(0.5);
    expect(values.reduce((sum, value) => sum + value ** 2, 0) / values.length).toBeLessThan(1.5);
    const again = normalizedDirection(raw.deltas, parameters, { normalization: "filter", description: "random" });
    using(randomDirection(parameters, random(2)), (deltas) => {
      for (const [name, delta] of deltas) {
        expect([...delta.dataSync()]).toEqual([...again.deltas.get(name)!.dataSync()]);
      }
    });
    again.dispose();
    raw.dispose();
  });

  it("is another one from another seed, and owns all of its tensors", () => {
    const values = (seed: number): number[] => {
      const direction = randomDirection(parameters, random(seed));
      const [first] = [...direction.deltas.values()];
      const found = [...first!.dataSync()];
      direction.dispose();
      return found;
    };
    expect(values(1)).toEqual(values(1));
    expect(values(1)).not.toEqual(values(2));
    for (const normalization of ["filter", "layer", "none"] as const) {
      expect(() => randomDirection(parameters, random(1), { normalization })).toAllocate(2);
      expect(() => randomDirection(parameters, random(1), { normalization }).dispose()).toAllocate(0);
    }
  });
});

describe("a given direction", () => {
  it("is zero where a filter of the weights is, and where its own is", () => {
    const dense = parameters.get("dense")!;
    const mask = tf.tensor1d([0, 1, 1]);
    dense.assign(tf.mul(dense, mask));
    const delta = tf.mul(tf.ones([5, 3]), tf.tensor1d([1, 0, 2]));
    using(normalizedDirection(new Map([["dense", delta]]), parameters), (deltas) => {
      const [first, second, third] = filterNorms(deltas.get("dense")!);
      expect([first, second]).toEqual([0, 0]);
      expect(third! / filterNorms(dense)[2]!).toBeCloseTo(1, 5);
    });
  });

  it.each(["filter", "none"] as const)("is refused where it fits no weight (%s)", (normalization) => {
    const wrong = new Map([["dense", tf.zeros([3, 5])]]);
    expect(() => {
      expect(() => normalizedDirection(wrong, parameters, { normalization })).toThrow("[3, 5]");
      expect(() => normalizedDirection(new Map(), parameters, { normalization })).toThrow("none for any parameter");
      expect(() => normalizedDirection(wrong, parameters, { normalization: "whole" as "none" })).toThrow("whole");
    }).toAllocate(0);
  });
});
