import { type Defense, type Images, random } from "@awp/core";
import { relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from "vitest";
import { standardTraining } from "../src/index";
import { noiseBatch, type WatchedNetwork, watchedNetwork } from "./watched-network";

let network: WatchedNetwork;
beforeEach(() => {
  network = watchedNetwork();
});
afterEach(() => network.dispose());

describe("standardTraining", () => {
  it("trains on a copy of the images as they are, without a forward pass", () => {
    const batch = noiseBatch();
    const images = standardTraining().attack(network, batch, random(0));
    expect(images.dataSync()).toEqual(batch.images.dataSync());
    expect(network.passes).toEqual([]);
    images.dispose();
    expect(batch.images.isDisposed).toBe(false);
  });

  it("has the cross-entropy of each example in the given mode as its loss: log(classes) for equal logits", () => {
    network.parameters.get("weight")!.assign(tf.zeros([12, 4]));
    const batch = noiseBatch();
    const loss = standardTraining().loss(network, batch, batch.images, "eval");
    expect(relativeDeviation(loss, Array<number>(6).fill(Math.log(4)))).toBeLessThan(1e-6);
    expect(network.passes.map(({ mode }) => mode)).toEqual(["eval"]);
  });

  it("keeps what it returns and no more", () => {
    const batch = noiseBatch();
    const defense = standardTraining();
    expect(() => defense.attack(network, batch, random(0))).toAllocate(1);
    expect(() => defense.loss(network, batch, batch.images, "train-frozen")).toAllocate(1);
    expect(defense).not.toHaveProperty("afterStep");
  });
});

describe("the type of Defense", () => {
  it("is what standardTraining makes: images from a batch, a loss for each of those images", () => {
    expectTypeOf(standardTraining).returns.toEqualTypeOf<Defense>();
    expectTypeOf<Defense["attack"]>().returns.toEqualTypeOf<Images>();
    expectTypeOf<Defense["loss"]>().parameter(2).toEqualTypeOf<Images>();
    expectTypeOf<Defense["loss"]>().returns.toEqualTypeOf<tf.Tensor1D>();
  });
});
