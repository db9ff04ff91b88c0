import {
  ArgumentError,
  type Attack,
  type Defense,
  type Images,
  type Labels,
  type Logits,
  mean,
  parameterGradients,
  random,
} from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { standardTraining, trades, tradesLoss } from "../src/index";
import { noiseBatch, type WatchedNetwork, watchedNetwork } from "./watched-network";

let network: WatchedNetwork;
beforeEach(() => {
  network = watchedNetwork();
});
afterEach(() => network.dispose());

/** One forward pass, then every pixel 1. */
const brightest: Attack = (classifier, x) => {
  tf.dispose(classifier(x));
  return tf.onesLike(x);
};

describe("trades", () => {
  it.each([
    [undefined, "eval"],
    ["train", "train"],
  ] as const)("attacks the network with attackMode %s in mode %s", (attackMode, mode) => {
    const options = { attack: brightest, ...(attackMode && { attackMode }) };
    const adversarial = trades(options).attack(network, noiseBatch(), random(0));
    expect(new Set(adversarial.dataSync())).toEqual(new Set([1]));
    expect(network.passes.map((pass) => pass.mode)).toEqual([mode]);
  });

  it.each([
    [false, "train", 2],
    [true, "train", 3],
    [true, "train-frozen", 2],
    [true, "eval", 2],
  ] as const)(
    "with auxiliaryForwards %s passes forward in mode %s %i times: x', then x",
    (auxiliaryForwards, mode, count) => {
      const batch = noiseBatch();
      const defense = trades({ attack: brightest, auxiliaryForwards });
      defense.loss(network, batch, tf.onesLike(batch.images), mode);
      const clean = { mode, sum: tf.sum(batch.images).dataSync()[0] };
      const attacked = { mode, sum: batch.images.size };
      expect(network.passes).toEqual([attacked, clean, clean].slice(0, count));
    },
  );

  it("has the loss and the gradient of the two-pass step where it makes the third pass", () => {
    const batch = noiseBatch();
    const [two, three] = [false, true].map((auxiliaryForwards) => {
      const defense = trades({ attack: brightest, auxiliaryForwards });
      const at = tf.onesLike(batch.images);
      const found = parameterGradients(() => mean(defense.loss(network, batch, at, "train")), network.parameters);
      return [found.loss, ...found.gradients.values()].map((tensor) => tensor.dataSync());
    });
    expect(three).toEqual(two);
  });

  it("is standard training at beta 0, bit for bit, wherever the attack leads", () => {
    const batch = noiseBatch();
    const differentiated = (defense: Defense, images: Images) => {
      const loss = () => tf.tidy(() => mean(defense.loss(network, batch, images, "train")));
      const found = parameterGradients(loss, network.parameters);
      return [found.loss, ...found.gradients.values()].map((tensor) => tensor.dataSync());
    };
    const robust = differentiated(trades({ attack: brightest, beta: 0 }), tf.onesLike(batch.images));
    expect(robust).toEqual(differentiated(standardTraining(), batch.images));
  });

  it("keeps what it returns and no more, also when the attack or the network throws", () => {
    const batch = noiseBatch();
    const defense = trades({ attack: brightest, auxiliaryForwards: true });
    expect(() => defense.attack(network, batch, random(0))).toAllocate(1);
    expect(() => defense.loss(network, batch, batch.images, "train")).toAllocate(1);
    const differentiated = () =>
      parameterGradients(() => mean(defense.loss(network, batch, batch.images, "train")), network.parameters);
    expect(differentiated).toAllocate(2);
    const failing = trades({
      attack: (classifier, x) => {
        classifier(x);
        throw new Error("half way");
      },
    });
    expect(() => expect(() => failing.attack(network, batch, random(0))).toThrow("half way")).toAllocate(0);
    let passes = 0;
    const broken: WatchedNetwork = {
      ...network,
      forward: (x, mode) => {
        if (++passes === 3) throw new Error("third pass");
        return network.forward(x, mode);
      },
    };
    const third = () => defense.loss(broken, batch, batch.images, "train");
    expect(() => expect(third).toThrow("third pass")).toAllocate(0);
  });

  it("refuses a beta that is no weight, and a mode that is none", () => {
    for (const beta of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => trades({ attack: brightest, beta })).toThrow(`beta: got ${beta}`);
    }
    const attackMode = "training" as "train";
    expect(() => trades({ attack: brightest, attackMode })).toThrow('attackMode: got "training"');
  });
});

describe("tradesLoss", () => {
  const natural = (): Logits => tf.tensor2d([2, 1, 0.5, -1, 0.5, 0, 3, 2], [2, 4]);
  const adversarial = (): Logits => tf.tensor2d([0.5, 1.2, 0.3, -1, 0, 1, 1.5, 2.2], [2, 4]);
  const labels = (): Labels => tf.tensor1d([0, 2], "int32");

  it("is the cross-entropy of x and beta times the divergence, per example", () => {
    // By hand, in double precision.
    const [first = 0, second = 0] = tradesLoss(natural(), adversarial(), labels(), 6).dataSync();
    expect((first + second) / 2).toBeCloseTo(2.5136531072, 5);
    expect(tradesLoss(natural(), natural(), labels(), 6).dataSync()[0]).toBeCloseTo(0.4951818981, 6);
  });

  it("leaves one tensor, and none when it refuses its arguments", () => {
    const [p, q, y] = [natural(), adversarial(), labels()];
    expect(() => tradesLoss(p, q, y, 6)).toAllocate(1);
    const other: Logits = tf.zeros([2, 3]);
    for (const wrong of [() => tradesLoss(p, other, y, 6), () => tradesLoss(p, q, y, -1)]) {
      expect(() => expect(wrong).toThrow(ArgumentError)).toAllocate(0);
    }
    expect(() => tradesLoss(p, other, y, 6)).toThrow("adversarial: got [2, 3]");
  });
});
