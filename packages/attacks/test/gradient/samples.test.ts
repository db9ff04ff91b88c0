import { type Classifier, crossEntropy, type Images, random } from "@awp/core";
import { sign } from "@awp/core/authoring";
import { linearClassifier } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { bim, fgsm, miFgsm } from "../../src/index";
import { toyImages, toyLabels, weights } from "../toy-problem";

const inner = (batch: number): Images => toyImages(batch, 0.4, 0.6);
const farthest = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0] as number;

describe("eotSteps of FGSM, BIM and MI-FGSM", () => {
  it("average the gradients of a classifier that draws at random", () => {
    const [first, second] = [weights(2), tf.mul<tf.Tensor2D>(tf.reverse(weights(2), 0), 2)];
    let pass = 0;
    const alternating: Classifier = (x) => linearClassifier(pass++ % 2 === 0 ? first : second)(x);
    const [x, y] = [inner(3), toyLabels(3, 2)];
    const loss = (w: tf.Tensor2D) => (at: tf.Tensor) => tf.sum(crossEntropy(linearClassifier(w)(at as Images), y));
    const mean = tf.add(tf.grad(loss(first))(x), tf.grad(loss(second))(x));
    const expected = tf.add(x, tf.mul(sign(mean), 0.1));
    for (const attack of [fgsm, bim, miFgsm]) {
      const one = attack({ norm: "linf", epsilon: 0.1, eotSteps: 2, ...(attack === fgsm ? {} : { steps: 1 }) });
      expect(farthest(one(alternating, x, y, random(0)), expected)).toBeLessThan(1e-6);
    }
  });
});
