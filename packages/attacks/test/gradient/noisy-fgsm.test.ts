import { type Classifier, type Images, random } from "@awp/core";
import { linearClassifier } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { noisyFgsm, pgd } from "../../src/index";
import { toyImages, toyLabels, weights } from "../toy-problem";

const threat = { norm: "linf", epsilon: 0.05 } as const;

describe("noisyFgsm", () => {
  it("moves each pixel by its noise and by one step up the slope, which the noise leaves where it is", () => {
    const w = weights(2);
    const classifier = linearClassifier(w);
    const [x, y] = [toyImages(50, 0.4, 0.6), tf.zeros([50], "int32") as tf.Tensor1D];
    const [first, second] = tf.unstack(w, 1);
    const uphill = tf.reshape(tf.sign(tf.sub(second!, first!)), [2, 2, 3]);
    const moved = noisyFgsm(threat)(classifier, x, y, random(3));
    const noise = Array.from(tf.sub(tf.sub(moved, x), tf.mul(uphill, 0.05)).dataSync());
    // Uniform within ±0.1: no more than that, and its mean square a third of the square.
    expect(Math.max(...noise.map(Math.abs))).toBeLessThanOrEqual(0.1 + 1e-6);
    expect(Math.max(...noise)).toBeGreaterThan(0.09);
    const meanSquare = noise.reduce((sum, each) => sum + each ** 2, 0) / noise.length;
    expect(Math.abs(meanSquare / (0.1 ** 2 / 3) - 1)).toBeLessThan(0.15);
  });

  it("looks at the classifier once, at noise that is inside the box, and clips to the box alone", () => {
    const seen: number[][] = [];
    const classifier: Classifier = (x) => {
      seen.push([...x.dataSync()]);
      return linearClassifier(weights())(x);
    };
    const x: Images = tf.concat([tf.zeros([3, 2, 2, 3]), tf.ones([3, 2, 2, 3])]);
    const moved = [...noisyFgsm(threat)(classifier, x, toyLabels(6), random(3)).dataSync()];
    expect(seen).toHaveLength(1);
    for (const values of [...seen, moved]) {
      expect([Math.min(...values), Math.max(...values)]).toEqual([0, 1]);
    }
    const distance = moved.map((value, i) => Math.abs(value - (i < 36 ? 0 : 1)));
    expect(Math.max(...distance)).toBeGreaterThan(0.1);
  });

  it("starts where PGD does in a ball of the noise", () => {
    const classifier = linearClassifier(weights());
    const [x, y] = [toyImages(5, 0.4, 0.6), toyLabels(5)];
    const step = { ...threat, stepSize: 0 };
    const noisy = noisyFgsm({ ...step, noise: 0.05 })(classifier, x, y, random(3));
    expect(noisy.dataSync()).toEqual(pgd({ ...step, steps: 1 })(classifier, x, y, random(3)).dataSync());
  });

  it("refuses another norm, and lengths that are none", () => {
    expect(() => noisyFgsm({ ...threat, norm: "l2" })).toThrow('norm: got "l2", want "linf"');
    expect(() => noisyFgsm({ ...threat, noise: -1 })).toThrow("noise: got -1");
    expect(() => noisyFgsm({ ...threat, stepSize: Number.NaN })).toThrow("stepSize: got NaN");
  });
});
