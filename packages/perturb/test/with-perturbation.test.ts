import { AwpError } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isPerturbed, requireUnperturbed, weightPerturbation, withPerturbation } from "../src/index";
import { host, quadratic, type Toy } from "./toy-weights";

let toy: Toy;
let before: number[][];
beforeEach(() => {
  toy = quadratic();
  before = values();
});
afterEach(() => {
  expect(values()).toEqual(before);
  expect(isPerturbed(toy.weights)).toBe(false);
  toy.dispose();
});

const values = (): number[][] => [...toy.weights.values()].map(host);
const small = () => weightPerturbation(new Map([["dense", tf.fill([5, 3], 1e-4)]]));

describe("withPerturbation: while the body runs", () => {
  it("the weights are at w + v, and those without a delta at w", () => {
    withPerturbation(toy.weights, small(), () => {
      expect(host(toy.weights.get("dense"))).toEqual(before[1]!.map((w) => Math.fround(w + Math.fround(1e-4))));
      expect(host(toy.weights.get("kernel"))).toEqual(before[0]);
    });
  });

  it("the weights are at w + scale · v", () => {
    const at = (scale: number) =>
      withPerturbation(toy.weights, small(), () => host(toy.weights.get("dense")), { scale });
    at(-500).forEach((value, i) => expect(value).toBeCloseTo(before[1]![i]! - 0.05, 6));
    expect(at(0)).toEqual(before[1]);
  });

  it("a second perturbation and whoever asks see them displaced", () => {
    withPerturbation(toy.weights, small(), () => {
      expect(isPerturbed(toy.weights)).toBe(true);
      expect(() => requireUnperturbed(toy.weights)).toThrow(AwpError);
      expect(() => withPerturbation(toy.weights, small(), () => undefined)).toThrow(/"dense" is displaced/);
      const mark = Symbol.for("@awp/perturbed");
      expect((toy.weights.get("dense") as unknown as Record<symbol, unknown>)[mark]).toBe(true);
    });
    expect(() => requireUnperturbed(toy.weights)).not.toThrow();
  });

  it("an empty perturbation displaces nothing", () => {
    withPerturbation(toy.weights, weightPerturbation(new Map()), () => {
      expect(isPerturbed(toy.weights)).toBe(false);
      expect(values()).toEqual(before);
    });
  });
});

describe("withPerturbation: afterwards the weights are back, bit for bit,", () => {
  it("whatever the perturbation", () => {
    const magnitude = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(magnitude, magnitude, (delta, scale) => {
        tf.tidy(() => {
          const v = weightPerturbation(new Map([["kernel", tf.fill([3, 3, 2, 4], delta)]]));
          withPerturbation(toy.weights, v, () => undefined, { scale });
        });
        expect(values()).toEqual(before);
      }),
      { numRuns: 50 },
    );
  });

  it("when the body throws", () => {
    expect(() =>
      withPerturbation(toy.weights, small(), () => {
        throw new Error("out of order");
      }),
    ).toThrow("out of order");
  });

  it("when the body assigns to them", () => {
    withPerturbation(toy.weights, small(), () => {
      tf.tidy(() => toy.weights.get("dense")!.assign(tf.ones([5, 3])));
    });
  });

  it("once the promise of the body is fulfilled", async () => {
    let release: (value: string) => void = () => undefined;
    const waiting = withPerturbation(toy.weights, small(), () => new Promise<string>((resolve) => (release = resolve)));
    await Promise.resolve();
    expect(isPerturbed(toy.weights)).toBe(true);
    expect(() => withPerturbation(toy.weights, small(), () => undefined)).toThrow(AwpError);
    release("done");
    expect(await waiting).toBe("done");
    expect(isPerturbed(toy.weights)).toBe(false);
  });

  it("once the promise of the body is rejected", async () => {
    const failing = withPerturbation(toy.weights, small(), () => Promise.reject(new Error("out of order")));
    expect(isPerturbed(toy.weights)).toBe(true);
    await expect(failing).rejects.toThrow("out of order");
    expect(isPerturbed(toy.weights)).toBe(false);
  });

  it("when the scope of the call ends before the promise does", async () => {
    const v = tf.keep(tf.fill([5, 3], 1));
    tf.engine().startScope();
    const waiting = withPerturbation(toy.weights, weightPerturbation(new Map([["dense", v]])), async () => {
      await Promise.resolve();
    });
    tf.engine().endScope();
    await waiting;
    v.dispose();
  });
});

describe("the memory of withPerturbation", () => {
  it("holds what the body returns, and no more", async () => {
    const v = small();
    expect(() => withPerturbation(toy.weights, v, () => toy.loss())).toAllocate(1);
    expect(() => withPerturbation(toy.weights, v, () => undefined, { scale: 2 })).toAllocate(0);
    await expect(() => withPerturbation(toy.weights, v, () => Promise.resolve(toy.loss()))).toAllocateAsync(1);
    expect(() => {
      expect(() =>
        withPerturbation(toy.weights, v, () => {
          throw new Error("out of order");
        }),
      ).toThrow();
    }).toAllocate(0);
  });

  it("shares storage again once the weights are back", () => {
    const { numDataBuffers } = tf.memory();
    const v = small();
    withPerturbation(toy.weights, v, () => undefined);
    v.dispose();
    expect(tf.memory().numDataBuffers).toBe(numDataBuffers);
  });
});

describe("withPerturbation: a perturbation that does not fit is an error before anything moves:", () => {
  it.each([
    ["an unknown name", () => ({ other: tf.zeros([2, 2]) })],
    ["another shape", () => ({ dense: tf.zeros([3, 5]) })],
    ["another dtype", () => ({ dense: tf.zeros([5, 3], "int32") })],
    ["a disposed tensor", () => ({ dense: disposed() })],
  ])("%s", (_name, misfit) => {
    const v = weightPerturbation(new Map(Object.entries({ kernel: tf.ones([3, 3, 2, 4]), ...misfit() })));
    const [name] = Object.keys(misfit());
    expect(() => withPerturbation(toy.weights, v, () => expect.unreachable())).toThrow(
      expect.objectContaining({ argument: `perturbation.deltas["${name!}"]` }),
    );
  });

  it("a scale that is no number", () => {
    expect(() => withPerturbation(toy.weights, small(), () => undefined, { scale: Number.NaN })).toThrow(
      expect.objectContaining({ argument: "scale" }),
    );
  });
});

function disposed(): tf.Tensor {
  const tensor = tf.zeros([5, 3]);
  tensor.dispose();
  return tensor;
}
