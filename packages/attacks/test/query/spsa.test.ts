import { type Classifier, type Images, margin, random } from "@awp/core";
import { linearClassifier, marginPerEpsilon } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { spsa, type SpsaOptions } from "../../src/index";
import { toyImages, toyLabels, weights } from "../toy-problem";

const inner = (batch: number): Images => toyImages(batch, 0.4, 0.6);

/** Answers without a way back: a gradient of it is an error. */
const opaque = (): Classifier => {
  const linear = linearClassifier(weights(2));
  return (x) =>
    tf.customGrad((at) => ({
      value: linear(at as Images),
      gradFunc: () => {
        throw new Error("asked for a gradient");
      },
    }))(x) as tf.Tensor2D;
};

describe("spsa", () => {
  it.each(["linf", "l2"] as const)("comes near the closed form in %s without a gradient", (norm) => {
    const classifier = opaque();
    const x = inner(4);
    const y = tf.argMax<tf.Tensor1D>(classifier(x), 1);
    const [first, second] = tf.unstack(weights(2), 1);
    const epsilon = { linf: 0.002, l2: 0.006 }[norm];
    const most = epsilon * marginPerEpsilon(tf.sub(first as tf.Tensor, second as tf.Tensor).dataSync(), norm);
    const attack = spsa({ norm, epsilon, steps: 40, samples: 64, learningRate: 3e-4, sampleBatch: 16 });
    const rise = tf.sub(margin(classifier(attack(classifier, x, y, random(1))), y), margin(classifier(x), y));
    for (const value of rise.dataSync()) {
      // Adam's steps are as long in light pixels as in heavy ones, which costs some of an ℓ2 ball.
      expect(value).toBeGreaterThan((norm === "linf" ? 0.97 : 0.9) * most);
      expect(value).toBeLessThan(most + 1e-6);
    }
  });

  it("leads to a target", () => {
    const classifier = linearClassifier(weights(4));
    const x = inner(6);
    const target = tf.tensor1d([0, 1, 2, 3, 0, 1], "int32");
    const options: SpsaOptions = { norm: "linf", epsilon: 0.3, steps: 30, samples: 64, sampleBatch: 64 };
    const attack = spsa({ ...options, learningRate: 0.05, goal: { kind: "targeted", target } });
    const state = attack.advance(attack.start(classifier, x, target, random(1)), 30);
    const reached = tf.argMax(classifier(state.iterate.images), 1);
    expect(Array.from(reached.dataSync())).toEqual([0, 1, 2, 3, 0, 1]);
  });

  it("returns the first image that is misclassified and leaves wrong ones where they are", () => {
    const classifier = linearClassifier(weights(2));
    const x = inner(10);
    const y = toyLabels(10, 2);
    const attack = spsa({ norm: "linf", epsilon: 0.05, steps: 12, samples: 16 });
    const start = () => attack.start(classifier, x, y, random(2));
    const found = attack.finish(attack.advance(start(), 12));
    const wrong = Array.from(margin(classifier(x), y).dataSync(), (value) => value > 0);
    const iterations = Array.from(found.iteration.dataSync());
    expect(new Set(iterations).size).toBeGreaterThan(2);
    iterations.forEach((iteration, row) => {
      expect(iteration === 0).toBe(wrong[row]);
      if (found.broken.dataSync()[row] === 0) return;
      const early = attack.finish(attack.advance(start(), iteration));
      expect(early.broken.dataSync()[row]).toBe(1);
      const image = (images: tf.Tensor) => tf.slice(images, row, 1).dataSync();
      expect(image(early.images)).toEqual(image(found.images));
    });
  });

  it("does not depend on how many samples go at once, nor on the batch", () => {
    const classifier = linearClassifier(weights(2));
    const [x, y] = [inner(4), toyLabels(4, 2)];
    const options: SpsaOptions = { norm: "linf", epsilon: 0.05, steps: 5, samples: 10 };
    const seeded = random(6).forRows(Int32Array.of(10, 11, 12, 13));
    const one = spsa(options)(classifier, x, y, seeded);
    const many = spsa({ ...options, sampleBatch: 4 })(classifier, x, y, seeded);
    expect(tf.max(tf.abs(tf.sub(one, many))).dataSync()[0]).toBeLessThan(1e-5);
    const row = random(6).forRows(Int32Array.of(12));
    const alone = spsa(options)(classifier, tf.slice(x, 2, 1), tf.slice(y, 2, 1), row);
    expect(tf.max(tf.abs(tf.sub(alone, tf.slice(one, 2, 1)))).dataSync()[0]).toBeLessThan(1e-5);
  });

  it("takes two passes a sample, one an iteration and one at the start", () => {
    let calls = 0;
    const linear = linearClassifier(weights(2));
    const counting: Classifier = (x) => {
      calls += x.shape[0] / 2;
      return linear(x);
    };
    spsa({ norm: "linf", epsilon: 0.1, steps: 3, samples: 5, sampleBatch: 2 })(
      counting,
      inner(2),
      toyLabels(2, 2),
      random(0),
    );
    expect(calls).toBe(3 * (2 * 5 + 1) + 1);
  });

  it.each([
    ["norm", { norm: "l1" as const }],
    ["steps", { steps: 0 }],
    ["samples", { samples: 0.5 }],
    ["delta", { delta: 0 }],
    ["learningRate", { learningRate: Number.NaN }],
    ["sampleBatch", { sampleBatch: 0 }],
  ])("%s out of range is an error: %j", (argument, options) => {
    expect(() => spsa({ norm: "linf", epsilon: 0.1, ...options })).toThrow(expect.objectContaining({ argument }));
  });
});
