import { mean, type Parameters, parameterGradients, random } from "@awp/core";
import { relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { regularized, standardTraining } from "../src/index";
import { noiseBatch, type WatchedNetwork, watchedNetwork } from "./watched-network";

let network: WatchedNetwork;
beforeEach(() => {
  const made = watchedNetwork();
  const bias = tf.variable(tf.tensor1d([3, -2]));
  const parameters: Parameters = new Map([...made.parameters, ["bias", bias]]);
  network = { ...made, parameters };
});
afterEach(() => tf.dispose([...network.parameters.values()]));

const weight = (): tf.Variable => network.parameters.get("weight")!;
const plain = standardTraining();

describe("regularized", () => {
  it("adds l1 · Σ|w| + l2 · Σw² of the weights that are no vectors to each example's loss", () => {
    const batch = noiseBatch();
    weight().assign(tf.fill([12, 4], -0.5));
    const losses = regularized(plain, { l1: 0.1, l2: 0.01 }).loss(network, batch, batch.images, "train");
    const added = tf.sub(losses, plain.loss(network, batch, batch.images, "train"));
    expect(relativeDeviation(added, Array<number>(6).fill(0.1 * 24 + 0.01 * 12))).toBeLessThan(1e-5);
  });

  it("adds l1 · sign(w) + 2 l2 · w to the gradient, and nothing for a weight of 0", () => {
    const batch = noiseBatch();
    weight().assign(tf.tile(tf.tensor2d([[0.5, -2, 0, 1]]), [12, 1]));
    const gradient = (l1: number, l2: number): tf.Tensor => {
      const defense = regularized(plain, { l1, l2 });
      const mean6 = () => tf.tidy(() => mean(defense.loss(network, batch, batch.images, "train")));
      return parameterGradients(mean6, network.parameters).gradients.get("weight")!;
    };
    const added = tf.sub(gradient(0.25, 0.125), gradient(0, 0));
    const expected = tf.tile(tf.tensor2d([[0.25 + 0.125, -0.25 - 0.5, 0, 0.25 + 0.25]]), [12, 1]);
    expect(relativeDeviation(added, expected)).toBeLessThan(1e-5);
  });

  it("means the parameters that are chosen by name", () => {
    const batch = noiseBatch();
    const defense = regularized(plain, { l2: 1, predicate: (name) => name === "bias" });
    const added = tf.sub(
      defense.loss(network, batch, batch.images, "train"),
      plain.loss(network, batch, batch.images, "train"),
    );
    expect(relativeDeviation(added, Array<number>(6).fill(13))).toBeLessThan(1e-5);
  });

  it("is no part of what a weight attack climbs, unless it is told to be", () => {
    const batch = noiseBatch();
    const bits = (defense: typeof plain) => defense.loss(network, batch, batch.images, "train-frozen").dataSync();
    expect(bits(regularized(plain, { l1: 1 }))).toEqual(bits(plain));
    const climbed = tf.sub(bits(regularized(plain, { l1: 1, inWeightAttack: true })), bits(plain));
    const norm = tf.sum(tf.abs(weight())).dataSync()[0] as number;
    expect(relativeDeviation(climbed, Array<number>(6).fill(norm))).toBeLessThan(1e-5);
  });

  it("is the defense itself at weight 0, bit for bit, and keeps what else it does", () => {
    const batch = noiseBatch();
    const defense = regularized({ ...plain, afterStep: () => undefined }, {});
    expect(defense.loss(network, batch, batch.images, "train").dataSync()).toEqual(
      plain.loss(network, batch, batch.images, "train").dataSync(),
    );
    expect(defense).toHaveProperty("afterStep");
    expect(defense.attack(network, batch, random(0)).dataSync()).toEqual(batch.images.dataSync());
  });

  it("keeps what it returns and no more, and refuses weights that are none", () => {
    const batch = noiseBatch();
    const defense = regularized(plain, { l1: 1, l2: 1 });
    expect(() => defense.loss(network, batch, batch.images, "train")).toAllocate(1);
    const loss = () => tf.tidy(() => mean(defense.loss(network, batch, batch.images, "train")));
    expect(() => parameterGradients(loss, network.parameters)).toAllocate(3);
    expect(() => regularized(plain, { l1: -1 })).toThrow("l1: got -1");
    expect(() => regularized(plain, { l2: Number.NaN })).toThrow("l2: got NaN");
  });
});
