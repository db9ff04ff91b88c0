import { parameterGradients, random, type WeightPerturbation } from "@awp/core";
import { relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { awp, type AwpOptions, randomWeightPerturbation, weightPerturbation, withPerturbation } from "../src/index";
import { host, norm, quadratic, type Toy } from "./toy-weights";

let toy: Toy;
beforeEach(() => {
  toy = quadratic();
});
afterEach(() => toy.dispose());

const found = (options: AwpOptions, of = toy): WeightPerturbation => awp(options)(of.weights, of.loss, random(0));
const ratio = (v: WeightPerturbation, name: string): number => norm(v.deltas.get(name)) / norm(toy.weights.get(name));

describe("gamma for each layer", () => {
  it("is the length of each, in one step and in several", () => {
    const gamma = (name: string): number => (name === "kernel" ? 0.2 : 0.05);
    for (const options of [{}, { steps: 3 }, { steps: 3, ascent: "accumulated" as const }]) {
      const v = found({ gamma, ...options });
      expect(ratio(v, "kernel")).toBeCloseTo(0.2, 5);
      expect(ratio(v, "dense")).toBeCloseTo(0.05, 5);
    }
    expect(ratio(randomWeightPerturbation({ gamma })(toy.weights, toy.loss, random(0)), "dense")).toBeCloseTo(0.05, 5);
  });

  it("that is the same for all is that number", () => {
    for (const options of [{}, { steps: 3, stepSize: 0.01 }, { scaling: "filter" as const }]) {
      const [each, all] = [found({ gamma: () => 0.03, ...options }), found({ gamma: 0.03, ...options })];
      expect([...each.deltas.values()].map(host)).toEqual([...all.deltas.values()].map(host));
    }
  });

  it("may be a scalar, and so may the length of a step", () => {
    const v = found({ gamma: (_, { rank }) => tf.scalar(rank / 100), stepSize: () => 0.01, steps: 9 });
    expect(ratio(v, "kernel")).toBeCloseTo(0.04, 5);
    expect(ratio(v, "dense")).toBeCloseTo(0.02, 5);
  });

  it("leaves a layer alone where it is 0, and takes no pass where all are", () => {
    expect([...found({ gamma: (name) => (name === "dense" ? 0.1 : 0) }).deltas.keys()]).toEqual(["dense"]);
    const loss = (): tf.Scalar => expect.unreachable();
    expect(awp({ gamma: () => 0, steps: 3 })(toy.weights, loss, random(0)).deltas.size).toBe(0);
    expect(() => awp({ gamma: () => 0 })(toy.weights, loss, random(0))).toAllocate(0);
  });

  it("is asked for the layers that the predicate chooses, with their parameters", () => {
    const asked: [string, number][] = [];
    found({
      gamma: (name, { rank }) => {
        asked.push([name, rank]);
        return 0.1;
      },
      predicate: (name) => name !== "unused",
    });
    expect(asked).toEqual([
      ["kernel", 4],
      ["dense", 2],
      ["bias", 1],
    ]);
  });

  it("that cannot be is an error with the layer's name, and with one length for all there is none for each", () => {
    const gamma = (name: string): number => (name === "dense" ? -1 : 0.1);
    expect(() => found({ gamma })).toThrow(expect.objectContaining({ argument: 'gamma("dense")' }));
    expect(() => found({ gamma: 0.1, stepSize: gamma })).toThrow(
      expect.objectContaining({ argument: 'stepSize("dense")' }),
    );
    expect(() => awp({ gamma, scaling: "global" })).toThrow(expect.objectContaining({ argument: "gamma" }));
  });
});

// A step of the NLP world's AWP, entry by entry on the host: adv_lr is gamma, adv_eps the box.
describe("the relative box", () => {
  const scaling = fc.constantFrom("layer" as const, "filter" as const, "global" as const);
  const ascent = fc.constantFrom("projected" as const, "accumulated" as const);
  const length = fc.double({ min: 1e-3, max: 2, noNaN: true });

  it("bounds each entry by its weight, and is not felt by the others", () => {
    fc.assert(
      fc.property(fc.nat(1000), scaling, length, length, (seed, by, gamma, relativeBox) => {
        const other = quadratic(seed);
        const [boxed, free] = [found({ gamma, scaling: by, relativeBox }, other), found({ gamma, scaling: by }, other)];
        for (const [name, delta] of boxed.deltas) {
          const [weights, unbounded] = [host(other.weights.get(name)), host(free.deltas.get(name))];
          host(delta).forEach((entry, i) => {
            const bound = Math.fround(Math.abs(weights[i]!) * relativeBox);
            const clamped = Math.max(-bound, Math.min(bound, unbounded[i]!));
            expect(Math.abs(entry - clamped)).toBeLessThanOrEqual(1e-6 * bound);
          });
        }
        tf.dispose([...boxed.deltas.values(), ...free.deltas.values()]);
        other.dispose();
      }),
      { numRuns: 30 },
    );
  });

  it("holds in several steps beside the ball", () => {
    fc.assert(
      fc.property(fc.nat(1000), scaling, ascent, length, (seed, by, how, gamma) => {
        const other = quadratic(seed);
        const v = found({ gamma, scaling: by, relativeBox: 0.1, steps: 4, ascent: how }, other);
        const all = (of: ReadonlyMap<string, tf.Tensor>) => [...v.deltas.keys()].flatMap((name) => host(of.get(name)));
        const [deltas, weights] = [all(v.deltas), all(other.weights)];
        deltas.forEach((entry, i) => {
          expect(Math.abs(entry)).toBeLessThanOrEqual(0.1 * Math.abs(weights[i]!) * (1 + 1e-6));
        });
        expect(Math.hypot(...deltas)).toBeLessThanOrEqual(gamma * Math.hypot(...weights) * (1 + 1e-6));
        v.dispose();
        other.dispose();
      }),
      { numRuns: 20 },
    );
  });

  it("in K steps of adv_lr with gamma K · adv_lr bounds alone, as the world has it", () => {
    const [advLr, advEps] = [0.2, 0.15];
    const [w, norms] = [host(toy.weights.get("dense")), norm(toy.weights.get("dense"))];
    let at = w;
    for (let step = 0; step < 3; step++) {
      const shift = new Map([
        [
          "dense",
          tf.tensor2d(
            at.map((value, i) => value - w[i]!),
            [5, 3],
          ),
        ],
      ]);
      const { gradients } = withPerturbation(toy.weights, weightPerturbation(shift), () =>
        parameterGradients(toy.loss, toy.weights),
      );
      const g = host(gradients.get("dense"));
      const moved = at.map((value, i) => value + (advLr * g[i]! * norms) / Math.hypot(...g));
      at = moved.map((value, i) => {
        const bound = advEps * Math.abs(w[i]!);
        return Math.min(w[i]! + bound, Math.max(w[i]! - bound, value));
      });
    }
    const options = { gamma: 3 * advLr, stepSize: advLr, steps: 3, relativeBox: advEps };
    const v = found({ ...options, predicate: (name) => name === "dense" }).deltas.get("dense")!;
    expect(relativeDeviation(tf.add(v, toy.weights.get("dense")!), tf.tensor2d(at, [5, 3]))).toBeLessThan(1e-5);
    expect(relativeDeviation(v, found({ gamma: advLr, relativeBox: advEps }).deltas.get("dense")!)).toBeGreaterThan(
      1e-3,
    );
  });

  it("where nothing reaches it is awp to the bit", () => {
    const [boxed, free] = [found({ gamma: 1e-6, relativeBox: 10, steps: 2 }), found({ gamma: 1e-6, steps: 2 })];
    expect([...boxed.deltas.values()].map(host)).toEqual([...free.deltas.values()].map(host));
  });

  it("is the world's of random perturbations too, takes a scalar, and keeps nothing", () => {
    const options = { gamma: 1, relativeBox: tf.scalar(0.5) };
    const v = randomWeightPerturbation(options)(toy.weights, toy.loss, random(0));
    const quotients = tf.div(tf.abs(v.deltas.get("dense")!), tf.abs(toy.weights.get("dense")!));
    expect(relativeDeviation(tf.max(quotients), 0.5)).toBeLessThan(1e-6);
    expect(() => found({ gamma: 1, relativeBox: 0.5, steps: 3 })).toAllocate(3);
  });

  it("that is negative is an error", () => {
    expect(() => awp({ gamma: 1, relativeBox: -1 })).toThrow(expect.objectContaining({ argument: "relativeBox" }));
  });
});
