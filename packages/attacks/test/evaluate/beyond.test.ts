import { type Attack, type Classifier, crossEntropy, type Images, type Labels, margin, random } from "@awp/core";
import { sign } from "@awp/core/authoring";
import { linearClassifier, marginPerEpsilon } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import {
  bim,
  fgsm,
  klObjective,
  miFgsm,
  pgd,
  towardsClass,
  towardsLeastLikely,
  towardsRandom,
  transfer,
  worstOf,
} from "../../src/index";
import { toyImages, toyLabels, toys, weights } from "../toy-problem";

const inner = (batch: number): Images => toyImages(batch, 0.4, 0.6);
const predicted = (classifier: Classifier, x: Images): Labels => tf.argMax(classifier(x), 1);
const farthest = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0] as number;

describe("bim and mi-fgsm", () => {
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

describe("a target", () => {
  const far = { norm: "linf", epsilon: 0.5, steps: 20 } as const;
  const reached = (attack: Attack, x: Images, y: Labels) => {
    const classifier = linearClassifier(weights(4));
    const keyed = random(3).forRows(Int32Array.from({ length: x.shape[0] }, (_, row) => row));
    return Array.from(predicted(classifier, attack(classifier, x, y, keyed)).dataSync());
  };

  it("is one class for all", () => {
    expect(reached(pgd({ ...far, goal: towardsClass(2) }), inner(5), toyLabels(5, 4))).toEqual([2, 2, 2, 2, 2]);
    expect(() => towardsClass(-1)).toThrow(/label: got -1/);
  });

  it("is the least likely class", () => {
    const x = inner(5);
    const least = Array.from(tf.argMax(tf.neg(linearClassifier(weights(4))(x)), 1).dataSync());
    expect(reached(pgd({ ...far, goal: towardsLeastLikely() }), x, toyLabels(5, 4))).toEqual(least);
  });

  it("is another class at random, the same wherever the example stands", () => {
    const [x, y] = [inner(40), toyLabels(40, 4)];
    const attack = bim({ ...far, goal: towardsRandom(4) });
    const classes = reached(attack, x, y);
    const apart = classes.map((label, row) => (label - (row % 4) + 4) % 4);
    expect(new Set(apart)).toEqual(new Set([1, 2, 3]));
    const fewer = reached(attack, tf.slice(x, 0, 7), tf.slice(y, 0, 7));
    expect(fewer).toEqual(classes.slice(0, 7));
    expect(() => towardsRandom(1)).toThrow(/classes: got 1/);
  });
});

describe("samples", () => {
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

describe("transfer", () => {
  it("crafts on the surrogate alone", () => {
    const attack = fgsm({ norm: "linf", epsilon: 0.1 });
    const [x, y, surrogate] = [inner(3), toyLabels(3, 2), linearClassifier(weights(2))];
    const never: Classifier = () => {
      throw new Error("asked");
    };
    const transferred = transfer(surrogate, attack)(never, x, y, random(0));
    expect(transferred.dataSync()).toEqual(attack(surrogate, x, y, random(0)).dataSync());
  });
});

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
    const images = attack(band, x, tf.zeros([3], "int32"), random(0));
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
