import { ArgumentError, type Attack, type Labels, type Logits, mean, random, valueAndGradient } from "@awp/core";
import { finiteDifference, relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { dkl, dklLoss } from "../src/index";
import { noiseBatch, watchedNetwork } from "./watched-network";

const brightest: Attack = (_classifier, x) => tf.onesLike(x);
const natural = (): Logits => tf.tensor2d([2, 1, 0.5, -1, 0.5, 0, 3, 2, -1, 0.2, 0.1, 4], [3, 4]);
const adversarial = (): Logits => tf.tensor2d([0.5, 1.2, 0.3, -1, 0, 1, 1.5, 2.2, 1, -2, -3, -1], [3, 4]);
const labels = (): Labels => tf.tensor1d([0, 2, 3], "int32");
const prior = (): tf.Tensor2D =>
  tf.tensor2d([0.7, 0.1, 0.1, 0.1, 0.2, 0.5, 0.2, 0.1, 0.05, 0.05, 0.8, 0.1, 0.25, 0.25, 0.25, 0.25], [4, 4]);

/** Value and gradients of the authors' loss, with its differences of all pairs, by PyTorch 1.13 in double precision. */
const reference = {
  prior: {
    value: 31.977664971687705,
    inNatural: [
      1.96982, -0.758597, -0.521337, -0.689886, -0.200089, -0.707268, 1.728926, -0.821569, -6.789526, 0.21544, 1.714763,
      4.859323,
    ],
    inAdversarial: [
      -2.583851, 1.196436, 0.654516, 0.732899, 0.222764, 0.884485, -2.382122, 1.274874, 7.891042, -0.181597, -1.713761,
      -5.995684,
    ],
  },
  uniform: {
    value: 32.89066503867504,
    inNatural: [
      1.74482, -0.883597, -0.246337, -0.614886, 0.518244, -1.988934, 2.055592, -0.584902, -6.789526, 0.21544, 1.714763,
      4.859323,
    ],
    inAdversarial: [
      -2.358851, 1.321436, 0.379516, 0.657899, -0.49557, 2.166151, -2.708789, 1.038207, 7.891042, -0.181597, -1.713761,
      -5.995684,
    ],
  },
};

describe("dklLoss", () => {
  it.each(["prior", "uniform"] as const)("has the authors' value and gradients with a %s of classes", (kind) => {
    const weights = kind === "prior" ? { prior: prior() } : {};
    const [n, a, y] = [natural(), adversarial(), labels()];
    const loss = (p: Logits, q: Logits) => mean(dklLoss(p, q, y, weights));
    const { value, inNatural, inAdversarial } = reference[kind];
    expect(loss(n, a).dataSync()[0]).toBeCloseTo(value, 4);
    expect(relativeDeviation(valueAndGradient((z) => loss(z, a), n).gradient, inNatural)).toBeLessThan(1e-6);
    expect(relativeDeviation(valueAndGradient((z) => loss(n, z), a).gradient, inAdversarial)).toBeLessThan(1e-6);
  });

  it("has the gradient in the logits of x' that finite differences find", () => {
    const [n, a, y] = [natural(), adversarial(), labels()];
    const { gradient } = valueAndGradient((z) => dklLoss(n, z, y, { prior: prior() }), a);
    const expected = finiteDifference((z) => dklLoss(n, z as Logits, y, { prior: prior() }), a);
    expect(relativeDeviation(gradient, expected)).toBeLessThan(1e-3);
  });

  it("sees no shift of all of an image's logits", () => {
    const [n, a, y] = [natural(), adversarial(), labels()];
    const shifted = dklLoss(tf.add(n, 64), tf.sub(a, 32), y, { prior: prior() });
    expect(relativeDeviation(shifted, dklLoss(n, a, y, { prior: prior() }))).toBeLessThan(1e-5);
  });

  it("is a quarter of the mean squared difference of pairs, by hand: two classes, one a unit further apart", () => {
    const [n, a] = [tf.tensor2d([[0, 0]]), tf.tensor2d([[1, 0]])];
    const y = tf.tensor1d([0], "int32");
    const spread = (weights: tf.Tensor2D | undefined) =>
      dklLoss(n, a, y, { alpha: 0, beta: 1, ...(weights && { prior: weights }) }).dataSync()[0]! - Math.log(2);
    expect(spread(undefined)).toBeCloseTo(0.25 * (2 / 4), 6);
    expect(
      spread(
        tf.tensor2d([
          [3, 1],
          [1, 1],
        ]),
      ),
    ).toBeCloseTo(0.25 * ((2 * 3) / 16), 6);
  });

  it("is finite, with finite gradients, where an answer of 1e4 turns round", () => {
    const [n, a, y] = [tf.tensor2d([[1e4, -1e4, 0]]), tf.tensor2d([[-1e4, 1e4, 0]]), tf.tensor1d([2], "int32")];
    for (const { value, gradient } of [
      valueAndGradient((z) => dklLoss(z, a, y), n),
      valueAndGradient((z) => dklLoss(n, z, y), a),
    ]) {
      expect([...value.dataSync(), ...gradient.dataSync()].every(Number.isFinite)).toBe(true);
    }
  });

  it("leaves one tensor, and none when it refuses its arguments", () => {
    const [n, a, y, weights] = [natural(), adversarial(), labels(), prior()];
    expect(() => dklLoss(n, a, y, { prior: weights })).toAllocate(1);
    expect(() => valueAndGradient((z) => dklLoss(z, a, y, { prior: weights }), n)).toAllocate(2);
    const narrow: Logits = tf.zeros([3, 2]);
    const wrong: [() => tf.Tensor, string][] = [
      [() => dklLoss(n, narrow, y), "adversarial: got [3, 2]"],
      [() => dklLoss(narrow, narrow, y, { prior: weights }), "prior: got [4, 4]"],
      [() => dklLoss(n, a, y, { alpha: -1 }), "alpha: got -1"],
      [() => dklLoss(n, a, y, { beta: Number.NaN }), "beta: got NaN"],
    ];
    for (const [call, message] of wrong) {
      expect(() => expect(() => tf.tidy(call)).toThrow(message)).toAllocate(0);
      expect(() => tf.tidy(call)).toThrow(ArgumentError);
    }
  });
});

describe("dkl", () => {
  it("passes forward on x' and then on x, and reads a prior that is assigned between steps", () => {
    const network = watchedNetwork();
    const batch = noiseBatch();
    const weights = tf.variable(prior());
    const defense = dkl({ attack: brightest, prior: weights as unknown as tf.Tensor2D });
    const attacked = defense.attack(network, batch, random(0));
    network.passes.length = 0;
    const before = defense.loss(network, batch, attacked, "train-frozen").dataSync();
    expect(network.passes.map(({ mode }) => mode)).toEqual(["train-frozen", "train-frozen"]);
    expect(network.passes[0]?.sum).toBe(batch.images.size);
    weights.assign(tf.ones([4, 4]));
    const after = defense.loss(network, batch, attacked, "train-frozen");
    expect(after.dataSync()).not.toEqual(before);
    expect(relativeDeviation(after, dkl({ attack: brightest }).loss(network, batch, attacked, "eval"))).toBeLessThan(
      1e-6,
    );
    tf.dispose([weights, attacked]);
    network.dispose();
  });

  it("refuses weights that are none, and a prior that is not square", () => {
    expect(() => dkl({ attack: brightest, alpha: -1 })).toThrow("alpha: got -1");
    expect(() => dkl({ attack: brightest, prior: tf.ones([3, 4]) })).toThrow("prior: got [3, 4]");
  });
});
