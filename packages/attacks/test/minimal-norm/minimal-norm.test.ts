import { type Classifier, type Images, margin, perExampleNorm, random, type TrackingAttack } from "@awp/core";
import { linearClassifier, marginPerEpsilon } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { cwL2, deepFool } from "../../src/index";
import { toyImages, toyLabels, toys, weights } from "../toy-problem";

const inner = (batch: number): Images => toyImages(batch, 0.45, 0.55);
const attacks: Readonly<Record<string, TrackingAttack<unknown>>> = {
  deepfool: deepFool(),
  "deepfool, some classes": deepFool({ candidates: 2 }),
  cw: cwL2({ searchSteps: 6, steps: 60, learningRate: 0.02, initialWeight: 0.1 }),
};

describe.each(Object.entries(attacks))("%s", (name, attack) => {
  const run = (classifier: Classifier, x: Images, y: tf.Tensor1D) =>
    attack.finish(attack.advance(attack.start(classifier, x, y, random(0)), attack.iterations));

  it("finds the distance to the nearest boundary of a linear classifier", () => {
    for (const classes of [2, 4]) {
      const w = weights(classes);
      const classifier = linearClassifier(w);
      const x = inner(6);
      const logits = classifier(x);
      const y = tf.argMax<tf.Tensor1D>(logits, 1);
      const columns = tf.unstack(w, 1);
      const labels = y.dataSync();
      const { images, broken, objective } = run(classifier, x, y);

      expect(Array.from(broken.dataSync())).toEqual([1, 1, 1, 1, 1, 1]);
      const found = tf.argMax(classifier(images), 1).dataSync();
      const distances = perExampleNorm(tf.sub(images, x), "l2").dataSync();
      tf.unstack(logits).forEach((row, i) => {
        const z = row.dataSync();
        const to = columns.map((column, k) => {
          if (k === labels[i]) return Number.POSITIVE_INFINITY;
          const apart = tf.sub(column, columns[labels[i] as number] as tf.Tensor).dataSync();
          return ((z[labels[i] as number] as number) - (z[k] as number)) / marginPerEpsilon(apart, "l2");
        });
        const nearest = Math.min(...to);
        expect(found[i]).not.toBe(labels[i]);
        expect(distances[i]).toBeGreaterThan(nearest - 1e-5);
        expect(distances[i]).toBeLessThan(1.05 * nearest + 1e-3);
        expect(-(objective.dataSync()[i] as number)).toBeCloseTo(distances[i] as number, 5);
      });
    }
  });

  it("returns wrong images unchanged, stays in the box and keeps nothing", () => {
    const classifier = toys["nearest centre"]!();
    const x = toyImages(6, 0.2, 0.8);
    const y = toyLabels(6);
    const wrong = Array.from(margin(classifier(x), y).dataSync(), (value) => value > 0);
    expect(wrong).toContain(true);
    const { images, iteration } = run(classifier, x, y);
    const size = x.size / 6;
    const [before, after] = [x.dataSync(), images.dataSync()];
    wrong.forEach((already, row) => {
      expect(iteration.dataSync()[row] === 0).toBe(already);
      const own = (values: ArrayLike<number>) => Array.from(values).slice(row * size, (row + 1) * size);
      if (already) expect(own(after)).toEqual(own(before));
    });
    expect(Math.min(...after)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...after)).toBeLessThanOrEqual(1);
    expect(() => attack(classifier, x, y, random(0))).toAllocate(1);
    expect(() => run(classifier, x, y)).toAllocate(4);
  });

  it("does without a gradient path, at no gain", () => {
    const classifier = toys["without a gradient path"]!();
    const [x, y] = [toyImages(1), tf.tensor1d([1], "int32")];
    const { images, broken, objective } = run(classifier, x, y);
    expect(broken.dataSync()[0]).toBe(0);
    expect(images.dataSync().every(Number.isFinite)).toBe(true);
    expect(objective.dataSync()[0]).toBe(name === "cw" ? Number.NEGATIVE_INFINITY : -0);
  });

  it("goes on with some rows as with all", () => {
    const classifier = toys["nearest centre"]!();
    const x = toyImages(4, 0.2, 0.8);
    const y = tf.argMax<tf.Tensor1D>(classifier(x), 1);
    const start = () => attack.start(classifier, x, y, random(3).forRows(Int32Array.of(4, 5, 6, 7)));
    const whole = attack.finish(attack.advance(start(), attack.iterations));
    const some = attack.finish(
      attack.advance(attack.select(attack.advance(start(), 1), Int32Array.of(3, 0)), attack.iterations),
    );
    const expected = tf.gather(whole.images, tf.tensor1d([3, 0], "int32"));
    expect(tf.max(tf.abs(tf.sub(some.images, expected))).dataSync()[0]).toBeLessThan(1e-5);
  });
});

describe("cw", () => {
  it("leads to a target, with the confidence asked for", () => {
    const classifier = linearClassifier(weights(4));
    const x = inner(4);
    const y = tf.argMax<tf.Tensor1D>(classifier(x), 1);
    const target = (labels: tf.Tensor1D) =>
      tf.mod<tf.Tensor1D>(tf.add(labels, tf.scalar(1, "int32")), tf.scalar(4, "int32"));
    const attack = cwL2({ steps: 80, learningRate: 0.02, confidence: 0.1, goal: { kind: "targeted", target } });
    const logits = classifier(attack(classifier, x, y, random(0)));
    const lead = tf.neg(margin(logits, target(y))).dataSync();
    for (const value of lead) {
      expect(value).toBeGreaterThan(0.1);
      expect(value).toBeLessThan(0.13);
    }
  });
});

describe("a bad option of DeepFool and CW-ℓ2", () => {
  it.each([
    ["bounds", () => deepFool({ bounds: { low: 1, high: 0 } })],
    ["steps", () => deepFool({ steps: 0 })],
    ["overshoot", () => deepFool({ overshoot: -1 })],
    ["candidates", () => deepFool({ candidates: 0 })],
    ["bounds", () => cwL2({ bounds: { low: 1, high: 0 } })],
    ["searchSteps", () => cwL2({ searchSteps: 0 })],
    ["steps", () => cwL2({ steps: 0 })],
    ["learningRate", () => cwL2({ learningRate: 0 })],
    ["initialWeight", () => cwL2({ initialWeight: 0 })],
    ["confidence", () => cwL2({ confidence: -1 })],
  ])("%s is an error", (argument, make) => {
    expect(make).toThrow(expect.objectContaining({ argument }));
  });
});
