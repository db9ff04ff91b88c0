import {
  ArgumentError,
  type Attack,
  type Defense,
  type Labels,
  type Logits,
  mean,
  parameterGradients,
  random,
  valueAndGradient,
} from "@awp/core";
import { finiteDifference, relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rst, rstLoss, trades, tradesLoss } from "../src/index";
import { noiseBatch, type WatchedNetwork, watchedNetwork } from "./watched-network";

let network: WatchedNetwork;
beforeEach(() => {
  network = watchedNetwork();
});
afterEach(() => network.dispose());

const brightest: Attack = (_classifier, x) => tf.onesLike(x);
const natural = (): Logits => tf.tensor2d([2, 1, 0.5, -1, 0.5, 0, 3, 2, -1, 0.2, 0.1, 4], [3, 4]);
const adversarial = (): Logits => tf.tensor2d([0.5, 1.2, 0.3, -1, 0, 1, 1.5, 2.2, 1, -2, -3, -1], [3, 4]);
const classes = (...labels: number[]): Labels => tf.tensor1d(labels, "int32");
const meanOf = (losses: tf.Tensor1D): number => mean(losses).dataSync()[0] as number;

describe("rstLoss", () => {
  it("is TRADES' loss with all labels, bit for bit, and so are its gradients", () => {
    const [p, q, y] = [natural(), adversarial(), classes(0, 2, 3)];
    const bits = (loss: typeof rstLoss) =>
      [valueAndGradient((z) => loss(z, q, y, 6), p), valueAndGradient((z) => loss(p, z, y, 6), q)].map((found) => [
        found.value.dataSync(),
        found.gradient.dataSync(),
      ]);
    expect(bits(rstLoss)).toEqual(bits(tradesLoss));
  });

  it("means the cross-entropy over the labelled images and the divergence over all, as a mean that ignores an index", () => {
    // PyTorch 1.13 in double precision: cross_entropy with ignore_index=-1, kl_div, and the entropy of rows without a label.
    expect(meanOf(rstLoss(natural(), adversarial(), classes(0, -1, 3), 0))).toBeCloseTo(0.27167671, 5);
    expect(meanOf(rstLoss(natural(), adversarial(), classes(0, -1, 3), 6))).toBeCloseTo(5.63872563, 5);
    expect(meanOf(rstLoss(natural(), adversarial(), classes(0, -1, -1), 6, 0.5))).toBeCloseTo(6.14311414, 5);
  });

  it("is the divergence alone where no image has a label, and has no entropy where each has one", () => {
    const none = rstLoss(natural(), adversarial(), classes(-1, -1, -1), 2).dataSync();
    const divergence = tf.sub(
      tradesLoss(natural(), adversarial(), classes(0, 0, 0), 2),
      tradesLoss(natural(), adversarial(), classes(0, 0, 0), 0),
    );
    expect(relativeDeviation(none, divergence)).toBeLessThan(1e-6);
    const all = [0, 3].map((weight) => rstLoss(natural(), adversarial(), classes(1, 2, 0), 2, weight).dataSync());
    expect(all[1]).toEqual(all[0]);
  });

  it.each([[[0, -1, 3]], [[-1, -1, -1]]])(
    "has the gradients that finite differences find, with labels %j",
    (labels) => {
      const [p, q, y] = [natural(), adversarial(), classes(...labels)];
      const inNatural = valueAndGradient((z) => rstLoss(z, q, y, 6, 0.7), p).gradient;
      expect(
        relativeDeviation(
          inNatural,
          finiteDifference((z) => rstLoss(z as Logits, q, y, 6, 0.7), p),
        ),
      ).toBeLessThan(1e-3);
      const inAdversarial = valueAndGradient((z) => rstLoss(p, z, y, 6, 0.7), q).gradient;
      expect(
        relativeDeviation(
          inAdversarial,
          finiteDifference((z) => rstLoss(p, z as Logits, y, 6, 0.7), q),
        ),
      ).toBeLessThan(1e-3);
    },
  );

  it("leaves one tensor, and none when it refuses its arguments", () => {
    const [p, q, y] = [natural(), adversarial(), classes(0, -1, 3)];
    expect(() => rstLoss(p, q, y, 6, 1)).toAllocate(1);
    const wrong: [() => tf.Tensor, string][] = [
      [() => rstLoss(p, tf.zeros([3, 2]), y, 6), "adversarial: got [3, 2]"],
      [() => rstLoss(p, q, tf.softmax(p), 6), "labels"],
      [() => rstLoss(p, q, y, -1), "beta: got -1"],
      [() => rstLoss(p, q, y, 6, Number.NaN), "entropyWeight: got NaN"],
    ];
    for (const [call, message] of wrong) {
      expect(() => expect(() => tf.tidy(call)).toThrow(message)).toAllocate(0);
      expect(() => tf.tidy(call)).toThrow(ArgumentError);
    }
  });
});

describe("rst", () => {
  it("with all labels steps as TRADES does, bit for bit, and moves the running statistics as often", () => {
    const batch = noiseBatch();
    const differentiated = (defense: Defense) => {
      network.passes.length = 0;
      const loss = () => tf.tidy(() => mean(defense.loss(network, batch, tf.onesLike(batch.images), "train")));
      const found = parameterGradients(loss, network.parameters);
      const bits = [found.loss, ...found.gradients.values()].map((tensor) => tensor.dataSync());
      return [bits, [...network.passes]];
    };
    expect(differentiated(rst({ attack: brightest }))).toEqual(differentiated(trades({ attack: brightest })));
  });

  it("keeps what it returns and no more, with labels missing", () => {
    const batch = { ...noiseBatch(), labels: classes(0, -1, 2, -1, -1, 1) };
    const defense = rst({ attack: brightest, entropyWeight: 1 });
    expect(() => defense.attack(network, batch, random(0))).toAllocate(1);
    expect(() => defense.loss(network, batch, batch.images, "train")).toAllocate(1);
  });

  it("refuses weights that are none", () => {
    expect(() => rst({ attack: brightest, beta: -1 })).toThrow("beta: got -1");
    expect(() => rst({ attack: brightest, entropyWeight: -1 })).toThrow("entropyWeight: got -1");
  });
});
