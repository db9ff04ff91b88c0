import { crossEntropy, type Images, margin, random } from "@awp/core";
import { sign } from "@awp/core/authoring";
import { linearClassifier, marginPerEpsilon } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { bim, klObjective, miFgsm } from "../../src/index";
import { toyImages, toyLabels, toys, weights } from "../toy-problem";

const inner = (batch: number): Images => toyImages(batch, 0.4, 0.6);
const farthest = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0] as number;

describe("BIM and MI-FGSM", () => {
  it.each([
    ["bim linf", "linf", bim({ norm: "linf", epsilon: 0.1 })],
    ["bim l2", "l2", bim({ norm: "l2", epsilon: 0.1, steps: 4 })],
    ["mi-fgsm linf", "linf", miFgsm({ norm: "linf", epsilon: 0.1 })],
    ["mi-fgsm l2", "l2", miFgsm({ norm: "l2", epsilon: 0.1, decay: 0.5 })],
  ] as const)("%s raises a linear margin by epsilon times the dual norm", (_name, norm, attack) => {
    const classifier = linearClassifier(weights(2));
    const [x, y] = [inner(5), toyLabels(5, 2)];
    const [first, second] = tf.unstack(weights(2), 1);
    const most = 0.1 * marginPerEpsilon(tf.sub(first as tf.Tensor, second as tf.Tensor).dataSync(), norm);
    const rise = tf.sub(margin(classifier(attack(classifier, x, y, random(1))), y), margin(classifier(x), y));
    for (const value of rise.dataSync()) expect(value).toBeCloseTo(most, 5);
  });

  it("without decay are the same", () => {
    const classifier = toys["nearest centre"]!();
    const [x, y] = [toyImages(4), toyLabels(4)];
    const options = { norm: "linf", epsilon: 0.1, steps: 5 } as const;
    const gathered = miFgsm({ ...options, decay: 0 })(classifier, x, y, random(0));
    expect(gathered.dataSync()).toEqual(bim(options)(classifier, x, y, random(0)).dataSync());
  });

  it("gather gradients of ℓ1 length 1", () => {
    const classifier = toys["nearest centre"]!();
    const [x, y] = [inner(3), toyLabels(3)];
    const unit = (at: Images): tf.Tensor => {
      const gradient = tf.grad((images) => tf.sum(crossEntropy(classifier(images as Images), y)))(at);
      return tf.div(gradient, tf.sum(tf.abs(gradient), [1, 2, 3], true));
    };
    const first = tf.add<Images>(x, tf.mul(sign(unit(x)), 0.05));
    const second = tf.add<Images>(first, tf.mul(sign(tf.add(tf.mul(unit(x), 0.7), unit(first))), 0.05));
    const attack = miFgsm({ norm: "linf", epsilon: 0.1, steps: 2, decay: 0.7 });
    expect(farthest(attack(classifier, x, y, random(0)), second)).toBeLessThan(1e-6);
  });

  it.each([
    ["norm", { norm: "l1" as const }],
    ["steps", { steps: 0 }],
    ["stepSize", { stepSize: -1 }],
    ["decay", { decay: Number.NaN }],
    ["eotSteps", { eotSteps: 0 }],
    ["objective", { objective: klObjective() }],
  ])("%s out of range is an error: %j", (argument, options) => {
    expect(() => miFgsm({ norm: "linf", epsilon: 0.1, ...options })).toThrow(expect.objectContaining({ argument }));
  });
});
