import { type Images, type Labels, margin, type Norm, perExampleNorm, random, uniform } from "@awp/core";
import { stepKey } from "@awp/core/authoring";
import { linearClassifier, marginPerEpsilon, relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { square, type SquareOptions } from "../../src/index";
import { twoBumps } from "../../src/query/square/pattern";
import { toyImages, toyLabels, toys } from "../toy-problem";

type Classifier = (x: Images) => tf.Tensor2D;

const norms: readonly Norm[] = ["linf", "l2", "l1"];

function run(options: SquareOptions, classifier: Classifier, x: Images, y: Labels, source = random(0)) {
  const attack = square(options);
  return attack.finish(attack.advance(attack.start(classifier, x, y, source), attack.iterations));
}

function inner(shape: readonly number[]): Images {
  return uniform(random(1), shape, 0.4, 0.6) as Images;
}

/** Two classes, of which the first is right everywhere. The weights of `masked` pixels are 0. */
function confident(height: number, width: number, channels: number, lastCounts = true) {
  const inside = (pixel: number): boolean =>
    lastCounts || (Math.floor(pixel / width) < height - 1 && pixel % width < width - 1);
  const size = height * width * channels;
  const values = uniform(random(2), [size], -1, 1).dataSync();
  const slopes = values.map((value, i) => (inside(Math.floor(i / channels)) ? value : 0));
  const w = tf.stack([tf.zeros([size]), tf.tensor1d(slopes)], 1) as tf.Tensor2D;
  return { classifier: linearClassifier(w, tf.tensor1d([1000, 0])), slopes };
}

function rise(classifier: Classifier, images: Images, x: Images, y: Labels): number[] {
  return Array.from(tf.sub(margin(classifier(images), y), margin(classifier(x), y)).dataSync());
}

describe("on a linear classifier", () => {
  it("reaches all that linf allows, in the rows and columns that windows of one pixel visit", () => {
    const { classifier, slopes } = confident(4, 5, 2, false);
    const [x, y] = [inner([3, 4, 5, 2]), tf.zeros<tf.Rank.R1>([3], "int32")];
    const { images } = run({ norm: "linf", epsilon: 0.05, queries: 700, fraction: 0.1 }, classifier, x, y);
    const most = 0.05 * marginPerEpsilon(slopes, "linf");
    for (const value of rise(classifier, images, x, y)) expect(value / most).toBeCloseTo(1, 3);
  });

  it.each([
    ["l2", 0.45],
    ["l1", 0.45],
  ] as const)("climbs to a good part of what %s allows and uses up the radius", (norm, part) => {
    const { classifier, slopes } = confident(8, 8, 1);
    const [x, y] = [inner([3, 8, 8, 1]), tf.zeros<tf.Rank.R1>([3], "int32")];
    const epsilon = norm === "l2" ? 0.3 : 0.8;
    const { images } = run({ norm, epsilon, queries: 400, rescaleSchedule: true }, classifier, x, y);
    const most = epsilon * marginPerEpsilon(slopes, norm);
    for (const value of rise(classifier, images, x, y)) {
      expect(value / most).toBeGreaterThan(part);
      expect(value / most).toBeLessThan(1 + 1e-4);
    }
    for (const length of perExampleNorm(tf.sub(images, x), norm).dataSync()) expect(length / epsilon).toBeCloseTo(1, 4);
  });
});

describe.each(norms)("in %s", (norm) => {
  const epsilon = { linf: 0.2, l2: 0.6, l1: 1.5 }[norm];

  it.each([
    [1, 1, 1, 2],
    [2, 9, 3, 2],
    [12, 3, 1, 4],
    [7, 6, 3, 3],
  ])("takes %i × %i images with %i channels and %i classes", (height, width, channels, classes) => {
    const x = uniform(random(1), [3, height, width, channels]) as Images;
    const w = uniform(random(2), [height * width * channels, classes], -1, 1) as tf.Tensor2D;
    const classifier = linearClassifier(w);
    const y = tf.argMax<tf.Tensor1D>(classifier(x), 1);
    const { images, objective } = run({ norm, epsilon, queries: 60 }, classifier, x, y);
    expect(Math.max(...perExampleNorm(tf.sub(images, x), norm).dataSync())).toBeLessThanOrEqual(epsilon * (1 + 1e-6));
    expect(Math.min(...images.dataSync())).toBeGreaterThanOrEqual(0);
    expect(Math.max(...images.dataSync())).toBeLessThanOrEqual(1);
    expect(objective.dataSync()).toEqual(margin(classifier(images), y).dataSync());
  });

  it("needs no gradient: steps hide nothing from it", () => {
    const x = inner([8, 6, 6, 1]);
    const stepped: Classifier = (at) => {
      const steps = tf.round(tf.mul(at, 64));
      return linearClassifier(uniform(random(2), [36, 2], -1, 1) as tf.Tensor2D)(tf.div(steps, 64));
    };
    const y = tf.argMax<tf.Tensor1D>(stepped(x), 1);
    const before = margin(stepped(x), y).dataSync();
    const { objective } = run({ norm, epsilon, queries: 60 }, stepped, x, y);
    objective.dataSync().forEach((gap, i) => expect(gap).toBeGreaterThan(before[i]!));
  });

  it("breaks an example at the query that it says, and keeps that image", () => {
    const w = uniform(random(2), [36, 3], -1, 1) as tf.Tensor2D;
    const classifier = linearClassifier(w, tf.mul<tf.Tensor1D>(tf.sum(w, 0), -0.5));
    const x = inner([32, 6, 6, 1]);
    const y = toyLabels(32);
    const strong = { norm, epsilon: { linf: 0.03, l2: 0.2, l1: 0.9 }[norm], fraction: 0.1 } as const;
    const { iteration, broken, images } = run({ ...strong, queries: 60 }, classifier, x, y);
    const at = Array.from(iteration.dataSync());
    const flags = Array.from(broken.dataSync());
    expect(new Set(at).size).toBeGreaterThan(3);
    flags.forEach((flag, row) => {
      if (flag === 0) expect(at[row]).toBe(60);
    });
    const right = tf.equal(tf.argMax(classifier(x), 1), y).dataSync();
    at.forEach((query, row) => expect(query === 0).toBe(right[row] === 0));
    const queries = [...new Set(at)].filter((query) => query > 0 && query < 60);
    for (const query of queries) {
      const then = run({ ...strong, queries: query }, classifier, x, y);
      expect(Array.from(then.broken.dataSync())).toEqual(
        at.map((when, row) => (flags[row] === 1 && when <= query ? 1 : 0)),
      );
      const row = at.indexOf(query);
      expect(tf.slice(then.images, row, 1).dataSync()).toEqual(tf.slice(images, row, 1).dataSync());
    }
  });
});

describe("the windows", () => {
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

it("stops at nothing: takes one forward pass a query, and one on the clean images", () => {
  for (const norm of norms) {
    let passes = 0;
    const counted: Classifier = (at) => {
      passes++;
      return toys["mean pool"]!()(at);
    };
    run({ norm, epsilon: 0.1, queries: 12 }, counted, toyImages(3), toyLabels(3));
    expect(passes).toBe(13);
  }
});

it.each([
  ["queries", { queries: 0 }],
  ["fraction", { fraction: 0 }],
  ["fraction", { fraction: 1.2 }],
  ["epsilon", { epsilon: Number.NaN }],
])("refuses a bad %s", (name, options) => {
  expect(() => square({ norm: "l2", epsilon: 1, ...options })).toThrow(`${name}: got`);
});

it("refuses a key on the device, at the start, and keeps nothing", () => {
  const [classifier, x, y] = [toys["linear"]!(), toyImages(2), toyLabels(2)];
  const key = tf.tensor1d(stepKey(random(1)), "int32");
  for (const norm of norms) {
    const attack = square({ norm, epsilon: 0.1 });
    expect(() => expect(() => attack.start(classifier, x, y, random(key))).toThrow("a key on the host")).toAllocate(0);
  }
});
