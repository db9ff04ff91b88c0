import { type Attack, type Classifier, type Images, type Labels, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { pgd, worstOf } from "../../src/index";
import { toyImages, toys } from "../toy-problem";

const predicted = (classifier: Classifier, x: Images): Labels => tf.argMax(classifier(x), 1);

describe("worstOf", () => {
  /** Adds an amount to every pixel of each row. */
  const shift =
    (...amounts: number[]): Attack =>
    (_classifier, x) =>
      tf.tidy(() => tf.add<Images>(x, tf.tensor4d(amounts, [amounts.length, 1, 1, 1])));
  /** Right, with class 0, within 0.05 of grey. */
  const band: Classifier = (x) =>
    tf.tidy(() => {
      const off = tf.sub<tf.Tensor1D>(tf.abs(tf.sub(tf.mean(x, [1, 2, 3]), 0.5)), 0.05);
      return tf.stack([tf.neg(off), off], 1) as tf.Tensor2D;
    });

  it("keeps per example the first that breaks it, and the last where none does", () => {
    const x = tf.fill<tf.Rank.R4>([3, 2, 2, 3], 0.5);
    const attack = worstOf([shift(0.2, 0.02, 0.02), shift(-0.1, -0.3, 0.03), shift(0.3, 0.4, 0.01)]);
    const images = attack(band, x, tf.zeros<tf.Rank.R1>([3], "int32"), random(0));
    const values = Array.from(tf.unstack(images), (image) => image.dataSync()[0]);
    expect(values).toEqual([0.7, 0.2, 0.51].map((value) => expect.closeTo(value, 6) as number));
  });

  it("is as strong as each, and keeps nothing", () => {
    const classifier = toys["nearest centre"]!();
    const x = toyImages(12);
    const y = predicted(classifier, x);
    const attacks = (["linf", "l2"] as const).map((norm) => pgd({ norm, epsilon: norm === "linf" ? 0.05 : 0.15 }));
    const broken = (attack: Attack, draw = random(2)) =>
      Array.from(tf.notEqual(predicted(classifier, attack(classifier, x, y, draw)), y).dataSync(), Boolean);
    const [one, two] = attacks.map((attack, index) => broken(attack, random(2).fold(index))) as [boolean[], boolean[]];
    expect(broken(worstOf(attacks))).toEqual(one.map((value, row) => value || two[row]));
    expect(() => worstOf(attacks)(classifier, x, y, random(2))).toAllocate(1);
    expect(() => worstOf([])).toThrow(/attacks/);
  });
});
