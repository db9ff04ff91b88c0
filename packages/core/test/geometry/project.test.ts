import "@tensorflow/tfjs-backend-wasm";
import { readGolden, relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { array, assert, constantFrom, double, property, tuple } from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Images,
  type Norm,
  perExampleNorm,
  projectOntoBall,
  projectOntoThreat,
  random,
  type ThreatModel,
  uniform,
} from "../../src/index";

const norms: readonly Norm[] = ["linf", "l2", "l1"];
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
const image = (...pixels: number[]): Images => tf.tensor4d(pixels, [1, 1, pixels.length, 1]);

function hostNorm(delta: readonly number[], norm: Norm): number {
  if (norm === "linf") return Math.max(...delta.map(Math.abs));
  return norm === "l1" ? delta.reduce((sum, d) => sum + Math.abs(d), 0) : Math.hypot(...delta);
}

const pixels = 6;
const row = (min: number, max: number) =>
  array(double({ min, max, noNaN: true }).map(Math.fround), { minLength: pixels, maxLength: pixels });
const epsilon = () => constantFrom(0, 1e-3, 8 / 255, 0.3, 1, 2.5);
const within = (radius: number): number => radius * (1 + 1e-6) + 5e-7;

describe("perExampleNorm", () => {
  test("is the norm over all entries of each example", () => {
    const delta = tf.tensor4d([3, -4, 0, 0, 1, 1, -1, 1, 0, 0, 0, 0], [3, 2, 2, 1]);
    expect(values(perExampleNorm(delta, "linf"))).toEqual([4, 1, 0]);
    expect(values(perExampleNorm(delta, "l2"))).toEqual([5, 2, 0]);
    expect(values(perExampleNorm(delta, "l1"))).toEqual([7, 4, 0]);
  });
});

describe("projectOntoBall", () => {
  test("has its closed forms", () => {
    const delta = tf.tensor2d([
      [3, -4],
      [0.3, 0.1],
    ]);
    const inside = [Math.fround(0.3), Math.fround(0.1)];
    expect(values(projectOntoBall(delta, "linf", 2))).toEqual([2, -2, ...inside]);
    expect(values(projectOntoBall(delta, "l2", 2.5))).toEqual([1.5, -2, ...inside]);
    // Soft thresholding by 2.5: |3| + |4| − 2·2.5 = 2.
    expect(relativeDeviation(projectOntoBall(delta, "l1", 2), [0.5, -1.5, ...inside])).toBeLessThan(1e-6);
  });

  test("drops the small entries in the l1 ball", () => {
    const projected = values(projectOntoBall(tf.tensor2d([[5, 1, -1, 4.5]]), "l1", 2));
    expect(relativeDeviation(projected, [1.25, 0, 0, 0.75])).toBeLessThan(1e-6);
    expect(projected.slice(1, 3).every((entry) => entry === 0)).toBe(true);
  });

  describe.each(norms)("in %s", (norm) => {
    const project = (delta: readonly number[], radius: number): number[] =>
      tf.tidy(() => values(projectOntoBall(tf.tensor2d([[...delta]]), norm, radius)));

    test("ends inside the ball, leaves what is inside exactly, and is idempotent", () => {
      assert(
        property(row(-3, 3), epsilon(), (delta, radius) => {
          const projected = project(delta, radius);
          expect(hostNorm(projected, norm)).toBeLessThanOrEqual(within(radius));
          const inside = hostNorm(delta, norm) < radius * (1 - 1e-6);
          // Exactly, but for denormal numbers, which backends may flush to 0.
          if (inside)
            projected.forEach((entry, i) =>
              expect(Math.abs(entry - (delta[i] as number))).toBeLessThanOrEqual(2 ** -126),
            );
          project(projected, radius).forEach((entry, i) =>
            expect(Math.abs(entry - (projected[i] as number))).toBeLessThan(1e-6),
          );
        }),
      );
    });

    test("is the nearest point: no point of the ball is on its far side", () => {
      assert(
        property(row(-3, 3), row(-3, 3), epsilon(), (delta, other, radius) => {
          const projected = project(delta, radius);
          const feasible = project(other, radius);
          const product = delta.reduce(
            (sum, d, i) => sum + (d - (projected[i] as number)) * ((feasible[i] as number) - (projected[i] as number)),
            0,
          );
          expect(product).toBeLessThan(1e-4);
        }),
      );
    });

    test("does not move two points apart", () => {
      assert(
        property(row(-3, 3), row(-3, 3), epsilon(), (a, b, radius) => {
          const apart = (p: readonly number[], q: readonly number[]): number =>
            Math.hypot(...p.map((entry, i) => entry - (q[i] as number)));
          expect(apart(project(a, radius), project(b, radius))).toBeLessThanOrEqual(apart(a, b) + 1e-5);
        }),
      );
    });

    test("gives zeros for a row of zeros and for a radius of zero, beside other rows", () => {
      const zero = projectOntoBall(tf.tensor2d([new Array(4).fill(0), [1, 2, 3, 4]]), norm, 0);
      expect(values(zero).every((entry) => entry === 0)).toBe(true);
      const mixed = values(projectOntoBall(tf.tensor2d([new Array(4).fill(0), [1, 2, 3, 4]]), norm, 1));
      expect(mixed.slice(0, 4)).toEqual([0, 0, 0, 0]);
      expect(hostNorm(mixed.slice(4), norm)).toBeCloseTo(1, 5);
    });

    test("leaves one tensor, and none when it refuses", () => {
      const delta = tf.ones([2, 3, 3, 1]);
      expect(() => projectOntoBall(delta, norm, 0.5)).toAllocate(1);
      expect(() => perExampleNorm(delta, norm)).toAllocate(1);
      expect(() => expect(() => projectOntoBall(delta, norm, -1)).toThrow("epsilon")).toAllocate(0);
    });
  });
});

describe("projectOntoThreat", () => {
  const cases = () => tuple(row(0, 1), row(-2, 3), epsilon(), constantFrom(...norms));

  test("ends in the box and the ball, whatever it is given", () => {
    assert(
      property(cases(), ([x, adversarial, radius, norm]) => {
        tf.tidy(() => {
          const projected = values(projectOntoThreat(image(...adversarial), image(...x), { norm, epsilon: radius }));
          const delta = projected.map((pixel, i) => pixel - (x[i] as number));
          expect(hostNorm(delta, norm)).toBeLessThanOrEqual(within(radius));
          expect(Math.min(...projected)).toBeGreaterThanOrEqual(0);
          expect(Math.max(...projected)).toBeLessThanOrEqual(1);
        });
      }),
    );
  });

  test("is idempotent", () => {
    assert(
      property(cases(), ([x, adversarial, radius, norm]) => {
        tf.tidy(() => {
          const threat: ThreatModel = { norm, epsilon: radius };
          const once = projectOntoThreat(image(...adversarial), image(...x), threat);
          const twice = projectOntoThreat(once, image(...x), threat);
          expect(Math.max(...values(tf.abs(tf.sub(once, twice))))).toBeLessThan(1e-6);
        });
      }),
    );
  });

  test("in l1 is the nearest point of ball ∩ box, not the ball's clipped", () => {
    assert(
      property(row(0, 1), row(-2, 3), row(-2, 3), epsilon(), (x, adversarial, other, radius) => {
        tf.tidy(() => {
          const threat: ThreatModel = { norm: "l1", epsilon: radius };
          const projected = values(projectOntoThreat(image(...adversarial), image(...x), threat));
          const feasible = values(projectOntoThreat(image(...other), image(...x), threat));
          const product = adversarial.reduce(
            (sum, a, i) => sum + (a - (projected[i] as number)) * ((feasible[i] as number) - (projected[i] as number)),
            0,
          );
          expect(product).toBeLessThan(1e-4);
        });
      }),
    );
  });

  test("takes the box of the threat model", () => {
    const threat: ThreatModel = { norm: "linf", epsilon: 0.5, bounds: { low: -1, high: 2 } };
    expect(values(projectOntoThreat(image(-3, 0, 3), image(-0.75, 0, 1.75), threat))).toEqual([-1, 0, 2]);
  });

  test("leaves one tensor, and refuses shapes that differ and threats that are none", () => {
    const x = image(0.1, 0.5, 0.9);
    for (const norm of norms) expect(() => projectOntoThreat(image(1, 0, 1), x, { norm, epsilon: 0.1 })).toAllocate(2);
    expect(() => projectOntoThreat(image(1, 0), x, { norm: "l2", epsilon: 1 })).toThrow("the shape of x");
    expect(() => projectOntoThreat(x, x, { norm: "l0" as Norm, epsilon: 1 })).toThrow("norm");
  });
});

describe.each(["wasm", "cpu"])("projectOntoThreat on %s", (backend) => {
  beforeAll(() => tf.setBackend(backend));
  afterAll(() => tf.setBackend("cpu"));

  test("finds the l1 ball ∩ box of the golden file", () => {
    interface Golden {
      readonly x: number[][];
      readonly delta: number[][];
      readonly eps: number;
      readonly correction: number[][];
    }
    const { x, delta, eps, correction } = readGolden<Golden>("l1_ball_box_projection.json");
    const [clean, moved] = [tf.tensor2d(x), tf.add(tf.tensor2d(x), tf.tensor2d(delta))];
    const asImages = (rows: tf.Tensor): Images => tf.reshape(rows, [x.length, 1, -1, 1]);
    const projected = projectOntoThreat(asImages(moved), asImages(clean), { norm: "l1", epsilon: eps });
    const corrected = x.map((pixels, i) =>
      pixels.map((pixel, j) => pixel + (delta[i]?.[j] as number) + (correction[i]?.[j] as number)),
    );
    expect(relativeDeviation(projected, corrected)).toBeLessThan(1e-5);
  });

  test("keeps images of full size within every threat model", () => {
    const x = uniform(random(1), [4, 32, 32, 3]) as Images;
    const far = uniform(random(2), [4, 32, 32, 3], -1, 2) as Images;
    for (const [norm, radius] of [
      ["linf", 8 / 255],
      ["l2", 0.5],
      ["l1", 12],
    ] as const) {
      const delta = tf.sub(projectOntoThreat(far, x, { norm, epsilon: radius }), x);
      for (const length of values(perExampleNorm(delta, norm))) {
        expect(length).toBeLessThanOrEqual(radius * (1 + 2e-6));
        if (norm !== "l2") expect(length).toBeGreaterThan(radius * (1 - 2e-6));
      }
    }
  });
});
