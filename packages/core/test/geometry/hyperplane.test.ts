import * as tf from "@tensorflow/tfjs-core";
import { array, assert, constantFrom, double, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, type Norm } from "../../src/index";
import { displacementToHyperplane, type HyperplaneProblem } from "../../src/authoring";

const norms: readonly Norm[] = ["linf", "l2", "l1"];

interface Plane {
  readonly norm: Norm;
  readonly t: readonly number[];
  readonly w: readonly number[];
  readonly value: number;
  readonly bounds?: HyperplaneProblem["bounds"];
}

function displacement({ norm, t, w, value, bounds }: Plane): number[] {
  return tf.tidy(() => {
    const points = tf.tensor2d([[...t]]);
    const normals = tf.tensor2d([[...w]]);
    const box = bounds === undefined ? {} : { bounds };
    return Array.from(
      displacementToHyperplane({ points, normals, values: tf.tensor1d([value]), norm, ...box }).dataSync(),
    );
  });
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

function length(d: readonly number[], norm: Norm): number {
  if (norm === "l2") return Math.hypot(...d);
  return norm === "linf" ? Math.max(...d.map(Math.abs)) : d.reduce((sum, x) => sum + Math.abs(x), 0);
}

/** The least length, by walking the sorted break points in double precision. */
function leastLength({ norm, t, w, value }: Plane): number {
  const coordinates = t.map((at, i) => ({
    speed: Math.abs(w[i]!),
    room: w[i]! * value > 0 ? at : 1 - at,
  }));
  const excess = Math.abs(value);
  if (norm === "l1") {
    let [left, total] = [excess, 0];
    for (const { speed, room } of coordinates.sort((a, b) => b.speed - a.speed)) {
      const step = speed === 0 ? 0 : Math.min(room, left / speed);
      [left, total] = [left - step * speed, total + step];
    }
    return total;
  }
  const share = (speed: number): number => (norm === "l2" ? speed : 1);
  const moving = coordinates
    .filter(({ speed }) => speed > 0)
    .map(({ speed, room }) => ({ speed, room, stop: room / share(speed) }))
    .sort((a, b) => a.stop - b.stop);
  const lengthsAt = (lambda: number): number[] =>
    moving.map(({ speed, room }) => Math.min(lambda * share(speed), room));
  const fall = (lambda: number): number =>
    dot(
      lengthsAt(lambda),
      moving.map(({ speed }) => speed),
    );
  const next = moving.findIndex(({ stop }) => fall(stop) >= excess);
  const from = next === 0 ? 0 : moving[next - 1]!.stop;
  const slope = moving.slice(next).reduce((sum, { speed }) => sum + speed * share(speed), 0);
  return length(lengthsAt(from + (excess - fall(from)) / slope), norm);
}

describe("the way to a hyperplane", () => {
  const t = [0.2, 0.9];
  const w = [2, 1];

  test.each([
    ["linf", 1.9, [0.25, 0.1]],
    ["l2", 1.9, [0.25, 0.1]],
    ["l1", 1.9, [0.3, 0]],
    ["linf", 3.5, [0.8, 0.1]],
    ["l2", 3.5, [0.8, 0.1]],
    ["l1", 3.5, [0.8, 0.1]],
    // Downwards: the sum falls by 0.6, in l1 by the first coordinate's room of 0.2 and then 0.2 of the second.
    ["linf", 0.7, [-0.2, -0.2]],
    ["l2", 0.7, [-0.2, -0.2]],
    ["l1", 0.7, [-0.2, -0.2]],
    ["l2", 0.8, [-0.2, -0.1]],
    ["linf", 0.05, [-0.2, -0.85]],
  ] as const)("in %s to 2a + b = %f", (norm, b, expected) => {
    const found = displacement({ norm, t, w, value: dot(t, w) - b });
    expected.forEach((d, i) => expect(found[i]).toBeCloseTo(d, 6));
  });

  test("scales with the box and is the same in any box", () => {
    const stretched = { low: -1, high: 3 };
    for (const norm of norms) {
      const [a, b] = [-0.2, 2.6];
      const found = displacement({ norm, t: [a, b], w, value: 2 * a + b - 5.6, bounds: stretched });
      const unit = displacement({ norm, t, w, value: dot(t, w) - 1.9 - 0.25 });
      // (z + 1) / 4 takes the one problem into the other.
      expect(found.map((d) => d / 4)).toEqual(unit.map((d) => expect.closeTo(d, 5) as number));
    }
  });

  test.each(norms)("in %s has no way where the function is 0 or does not change, whatever the others do", (norm) => {
    const points = tf.tensor2d([0.2, 0.9, 0.2, 0.9, 0.2, 0.9], [3, 2]);
    const normals = tf.tensor2d([2, 1, 0, 0, 2, 1], [3, 2]);
    const values = tf.tensor1d([0, 1, -0.6]);
    const found = Array.from(displacementToHyperplane({ points, normals, values, norm }).dataSync());
    expect(found.slice(0, 4).map(Math.abs)).toEqual([0, 0, 0, 0]);
    expect(found[4]).toBeGreaterThan(0.2);
  });

  test.each(norms)("in %s arrives, inside the box, by the least length", (norm) => {
    const dimensions = 7;
    const row = (min: number, max: number) =>
      array(
        double({ min, max, noNaN: true }).map((value) => Math.fround(Math.abs(value) < 1e-3 ? 0 : value)),
        { minLength: dimensions, maxLength: dimensions },
      );
    assert(
      property(
        row(0, 1),
        row(-2, 2),
        double({ min: -0.999, max: 0.999, noNaN: true }),
        constantFrom(1e-9, 1, 1e9),
        (t, slopes, part, scale) => {
          const w = slopes.map((slope) => Math.fround(slope * scale));
          const reach = w.reduce((sum, slope, i) => sum + Math.abs(slope) * (slope * part > 0 ? t[i]! : 1 - t[i]!), 0);
          const value = Math.fround(part * reach);
          if (Math.abs(value) < 1e-3 * scale) return;
          const d = displacement({ norm, t, w, value });
          const moved = d.map((step, i) => t[i]! + step);
          expect(Math.min(...moved)).toBeGreaterThanOrEqual(-1e-6);
          expect(Math.max(...moved)).toBeLessThanOrEqual(1 + 1e-6);
          expect(Math.abs(value + dot(w, d)) / scale).toBeLessThan(2e-5);
          const least = leastLength({ norm, t, w, value });
          expect(length(d, norm) / least).toBeLessThan(1 + 1e-2);
          expect(length(d, norm) / least).toBeGreaterThan(1 - 1e-2);
        },
      ),
      { numRuns: 300 },
    );
  });

  test.each(norms)("in %s works for thousands of coordinates of very different slopes", (norm) => {
    const size = 3072;
    const t = Array.from({ length: size }, (_, i) => ((i * 617) % 1000) / 1000);
    const w = Array.from({ length: size }, (_, i) => Math.sin(i * 12.9898) ** 9 * 3);
    for (const part of [0.001, 0.3, 0.97]) {
      const reach = w.reduce((sum, slope, i) => sum + Math.abs(slope) * (slope > 0 ? t[i]! : 1 - t[i]!), 0);
      const value = part * reach;
      const d = displacement({ norm, t, w, value });
      expect(Math.abs(value + dot(w, d)) / value).toBeLessThan(1e-5);
      expect(length(d, norm) / leastLength({ norm, t, w, value })).toBeCloseTo(1, 4);
    }
  });

  test.each(norms)("in %s goes to the corner however unlike the slopes and the ways to the box are", (norm) => {
    const t = Array.from({ length: 100 }, (_, i) => 2 ** (i - 100));
    const w = t.map((_, i) => 2 ** -i);
    const d = displacement({ norm, t, w, value: 1.001 * dot(t, w) });
    d.forEach((step, i) => expect(step / t[i]!).toBeCloseTo(-1, 6));
  });

  test("leaves one tensor, and none when it refuses", () => {
    const points = tf.fill<tf.Rank.R2>([2, 3], 0.5);
    const normals = tf.ones<tf.Rank.R2>([2, 3]);
    const values = tf.tensor1d([0.3, 9]);
    for (const norm of norms) expect(() => displacementToHyperplane({ points, normals, values, norm })).toAllocate(1);
    const bad: readonly [string, Partial<HyperplaneProblem>][] = [
      ["normals", { normals: tf.ones([2, 4]) }],
      ["values", { values: tf.ones([3]) }],
      ["norm", { norm: "l3" as Norm }],
      ["bounds", { bounds: { low: 1, high: 0 } }],
    ];
    for (const [argument, fields] of bad) {
      const refuse = (): void => {
        expect(() => displacementToHyperplane({ points, normals, values, norm: "l2", ...fields })).toThrow(
          ArgumentError,
        );
        expect(() => displacementToHyperplane({ points, normals, values, norm: "l2", ...fields })).toThrow(argument);
      };
      expect(refuse).toAllocate(0);
    }
  });
});
