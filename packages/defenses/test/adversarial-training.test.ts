import { type Attack, type Defense, type Labels, type Random, random } from "@awp/core";
import { relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from "vitest";
import { type AdversarialTrainingOptions, adversarialTraining } from "../src/index";
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

const sumOf = (x: tf.Tensor): number => tf.sum(x).dataSync()[0] as number;

describe("adversarialTraining", () => {
  it("gives the attack the batch, its labels and its random value, and trains on what it makes", () => {
    const batch = noiseBatch();
    const given: { images?: tf.Tensor; labels?: Labels; random?: Random } = {};
    const attack: Attack = (_classifier, images, labels, source) => {
      Object.assign(given, { images, labels, random: source });
      return tf.onesLike(images);
    };
    const source = random(3).forRows(batch.indices);
    const made = adversarialTraining({ attack }).attack(network, batch, source);
    expect(given).toEqual({ images: batch.images, labels: batch.labels, random: source });
    expect(new Set(made.dataSync())).toEqual(new Set([1]));
  });

  it.each([
    [undefined, "train"],
    ["train", "train"],
    ["eval", "eval"],
    ["train-frozen", "train-frozen"],
  ] as const)("attacks the network with attackMode %s in mode %s", (attackMode, mode) => {
    const options: AdversarialTrainingOptions =
      attackMode === undefined ? { attack: brightest } : { attack: brightest, attackMode };
    const batch = noiseBatch();
    adversarialTraining(options).attack(network, batch, random(0));
    expect(network.passes).toEqual([{ mode, sum: sumOf(batch.images) }]);
  });

  it("makes the auxiliary passes in training mode: on the adversarial images, and on the clean ones after the step", () => {
    const batch = noiseBatch();
    const defense = adversarialTraining({ attack: brightest, attackMode: "eval", auxiliaryForwards: true });
    defense.attack(network, batch, random(0));
    expect(network.passes.slice(1)).toEqual([{ mode: "train", sum: batch.images.size }]);
    network.passes.length = 0;
    defense.afterStep?.(network, batch);
    expect(network.passes).toEqual([{ mode: "train", sum: sumOf(batch.images) }]);
    expect(adversarialTraining({ attack: brightest })).not.toHaveProperty("afterStep");
  });

  it("has the cross-entropy of each adversarial image as its loss", () => {
    // Logits 0 and 12 w of all-one images: log(1 + exp(12 w)) for class 0.
    const batch = { ...noiseBatch(), labels: tf.zeros([6], "int32") as Labels };
    const two = watchedNetwork(2);
    two.parameters.get("weight")!.assign(tf.tile(tf.tensor2d([[0, 0.1]]), [12, 1]));
    const loss = adversarialTraining({ attack: brightest }).loss(two, batch, tf.onesLike(batch.images), "train-frozen");
    expect(relativeDeviation(loss, Array<number>(6).fill(Math.log(1 + Math.exp(1.2))))).toBeLessThan(1e-6);
    expect(two.passes).toEqual([{ mode: "train-frozen", sum: batch.images.size }]);
    two.dispose();
  });

  it("keeps what it returns and no more, also when the attack throws", () => {
    const batch = noiseBatch();
    const defense = adversarialTraining({ attack: brightest, auxiliaryForwards: true });
    expect(() => defense.attack(network, batch, random(0))).toAllocate(1);
    expect(() => defense.loss(network, batch, batch.images, "train-frozen")).toAllocate(1);
    expect(() => defense.afterStep?.(network, batch)).toAllocate(0);
    const failing = adversarialTraining({
      attack: (classifier, x) => {
        classifier(x);
        throw new Error("half way");
      },
    });
    expect(() => expect(() => failing.attack(network, batch, random(0))).toThrow("half way")).toAllocate(0);
  });
});

describe("the types of adversarialTraining", () => {
  it("take any attack and give a defense", () => {
    expectTypeOf(adversarialTraining).parameter(0).toHaveProperty("attack").toEqualTypeOf<Attack>();
    expectTypeOf(adversarialTraining).returns.toEqualTypeOf<Defense>();
  });
});
