import {
  type Classifier,
  type Images,
  type Labels,
  margin,
  type Norm,
  perExampleNorm,
  random,
  uniform,
} from "@awp/core";
import { stepKey } from "@awp/core/authoring";
import { linearClassifier, marginPerEpsilon } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { square } from "../../../src/index";
import { toyImages, toyLabels, toys } from "../../toy-problem";
import { confident, inner, run } from "./run";

const norms: readonly Norm[] = ["linf", "l2", "l1"];

function rise(classifier: Classifier, images: Images, x: Images, y: Labels): number[] {
  return Array.from(tf.sub(margin(classifier(images), y), margin(classifier(x), y)).dataSync());
}

describe("Square on a linear classifier", () => {
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

describe.each(norms)("Square in %s", (norm) => {
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

it("Square takes one forward pass per query, and one on the clean images", () => {
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
])("Square refuses a bad %s", (name, options) => {
  expect(() => square({ norm: "l2", epsilon: 1, ...options })).toThrow(`${name}: got`);
});

it("Square refuses a key on the device, at the start, and keeps nothing", () => {
  const [classifier, x, y] = [toys["linear"]!(), toyImages(2), toyLabels(2)];
  const key = tf.tensor1d(stepKey(random(1)), "int32");
  for (const norm of norms) {
    const attack = square({ norm, epsilon: 0.1 });
    expect(() => expect(() => attack.start(classifier, x, y, random(key))).toThrow("a key on the host")).toAllocate(0);
  }
});
