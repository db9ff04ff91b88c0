import { type Classifier, type Images } from "@awp/core";
import { relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { type SquareOptions } from "../../../src/index";
import { twoBumps } from "../../../src/query/square/pattern";
import { confident, inner, run } from "./run";

describe("Square's windows", () => {
  /** What every query changed, as first and last row and column; the first entry is the start. */
  function windows(options: SquareOptions, shape: readonly number[]): number[][] {
    const x = tf.fill(shape as [number, number, number, number], 0.5) as Images;
    const seen: tf.Tensor[] = [];
    const indifferent: Classifier = (at) => {
      seen.push(tf.keep(tf.clone(at)));
      return tf.tile(tf.tensor2d([[1, 0]]), [at.shape[0], 1]);
    };
    run(options, indifferent, x, tf.zeros<tf.Rank.R1>([shape[0] as number], "int32"));
    const start = seen[1]!;
    const extents = seen.slice(2).map((at) => {
      const moved = tf.cast(tf.greater(tf.max(tf.abs(tf.sub(at, start)), [0, 3]), 1e-6), "int32");
      const along = (axis: number): number[] => {
        const flags = Array.from(tf.max(moved, axis).dataSync());
        return [flags.indexOf(1), flags.lastIndexOf(1)];
      };
      return [...along(1), ...along(0)];
    });
    tf.dispose(seen);
    return extents;
  }

  it("have the sides of the schedule for 32 × 32 images, and never reach the last row or column", () => {
    const found = windows({ norm: "linf", epsilon: 0.1, queries: 60 }, [6, 32, 32, 3]);
    const sides = found.map(([top = 0, bottom = 0]) => bottom - top + 1);
    expect(sides).toEqual(found.map((_, i) => (i + 1 <= 10 ? 29 : i + 1 <= 50 ? 20 : 14)));
    for (const [top = 0, bottom = 0, left = 0, right = 0] of found) {
      expect(right - left).toBe(bottom - top);
      expect(Math.max(bottom, right)).toBeLessThan(31);
    }
    expect(new Set(found.map(([top]) => top)).size).toBeGreaterThan(5);
  });

  it("cover an image that is lower than they are from its first row to its last", () => {
    for (const [top, bottom] of windows({ norm: "linf", epsilon: 0.1, queries: 8 }, [6, 4, 30, 3])) {
      expect([top, bottom]).toEqual([0, 3]);
    }
  });

  it("start from stripes down the columns at ±epsilon", () => {
    const x = inner([4, 5, 6, 2]);
    let start: tf.Tensor | undefined;
    const watched: Classifier = (at) => {
      start ??= at === x ? undefined : tf.keep(tf.clone(at));
      return confident(5, 6, 2).classifier(at);
    };
    run({ norm: "linf", epsilon: 0.1, queries: 1 }, watched, x, tf.zeros<tf.Rank.R1>([4], "int32"));
    start?.dispose();
    const { images } = run({ norm: "linf", epsilon: 0.1, queries: 1 }, watched, x, tf.zeros<tf.Rank.R1>([4], "int32"));
    const signs = tf.div(tf.sub(images, x), 0.1);
    expect(tf.max(tf.abs(tf.sub(tf.abs(signs), 1))).dataSync()[0]).toBeLessThan(1e-5);
    const columns = tf.slice(signs, [0, 0, 0, 0], [4, 1, 6, 2]);
    expect(tf.max(tf.abs(tf.sub(signs, columns))).dataSync()[0]).toBeLessThan(1e-5);
    expect(Math.abs(tf.mean(signs).dataSync()[0]!)).toBeLessThan(0.6);
    start?.dispose();
  });

  it.each([
    [0.1, 5],
    [0.15, 7],
    [0.02, 3],
  ])("under l2, at p = %f of odd side %i, take the norm of two, alike in all channels", (fraction, side) => {
    const [size, epsilon] = [16, 0.3];
    const x = tf.fill<tf.Rank.R4>([1, size, size, 2], 0.5);
    const seen: tf.Tensor[] = [];
    const indifferent: Classifier = (at) => {
      seen.push(tf.keep(tf.sub(at, x)));
      return tf.tensor2d([[1, 0]]);
    };
    run({ norm: "l2", epsilon, queries: 9, fraction }, indifferent, x, tf.zeros<tf.Rank.R1>([1], "int32"));
    const [, before, ...afters] = seen.map((delta) => Array.from(delta.dataSync()));
    tf.dispose(seen);
    expect(Math.hypot(...before!)).toBeCloseTo(epsilon, 5);
    for (const after of afters) {
      expect(Math.hypot(...after)).toBeCloseTo(epsilon, 5);
      const ratios = after.map((value, i) => value / before![i]!);
      const counts = new Map<string, number>();
      const key = (ratio: number): string => ratio.toFixed(3);
      for (const ratio of ratios.filter((value) => value !== 0))
        counts.set(key(ratio), (counts.get(key(ratio)) ?? 0) + 1);
      const [kept = ""] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [];
      const touched = ratios.map((ratio) => Math.abs(ratio - Number(kept)) > 2e-3);
      const fresh = touched.flatMap((changed, i) => (changed && Math.abs(after[i]!) > 1e-9 ? [i >> 1] : []));
      const [rows, columns] = [fresh.map((pixel) => Math.floor(pixel / size)), fresh.map((pixel) => pixel % size)];
      const [top, left] = [Math.min(...rows), Math.min(...columns)];
      expect([Math.max(...rows) - top + 1, Math.max(...columns) - left + 1]).toEqual([side, side]);

      const inWindow = (i: number): boolean => {
        const [row, column] = [Math.floor((i >> 1) / size) - top, ((i >> 1) % size) - left];
        return row >= 0 && row < side && column >= 0 && column < side;
      };
      const emptied = after.filter(
        (value, i) => !inWindow(i) && Math.abs(value) < 1e-9 && Math.abs(before![i]!) > 1e-6,
      );
      expect(emptied.length).toBeLessThanOrEqual(side * side * 2);
      const taken = Math.hypot(...before!.filter((_, i) => inWindow(i) || Math.abs(after[i]!) < 1e-9));
      for (const channel of [0, 1]) {
        const content = Math.hypot(...after.filter((_, i) => i % 2 === channel && inWindow(i)));
        expect(content / taken / Number(kept)).toBeCloseTo(1, 2);
      }
    }
  });

  it("hold two bumps of opposite sign, worked out by hand for side 3", () => {
    const half = Math.SQRT1_2;
    const l2 = [
      0.1924501, 0.9622504, 0.1924501, -0.1825742, -0.1825742, -0.1825742, -0.1825742, -0.9128709, -0.1825742,
    ];
    expect(
      relativeDeviation(
        tf.tensor1d(twoBumps(3, 2).values),
        l2.map((value) => value * half),
      ),
    ).toBeLessThan(1e-6);
    // 1/16 around 17/16: sums 19/16 above and 22/16 below.
    const l1 = [1 / 38, 17 / 38, 1 / 38, -1 / 44, -1 / 44, -1 / 44, -1 / 44, -17 / 44, -1 / 44];
    expect(relativeDeviation(tf.tensor1d(twoBumps(3, 1).values), l1)).toBeLessThan(1e-6);
  });
});
