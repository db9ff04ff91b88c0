import { random } from "@awp/core";
import { relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { meanSparse } from "../../src/architecture/mean-sparse";
import { type ParameterStore, parameterStore } from "../../src/architecture/parameter-store";

let store: ParameterStore;

beforeEach(() => {
  store = parameterStore(random(0));
});

afterEach(() => tf.dispose([...store.buffers.values()]));

describe("MeanSparse", () => {
  const x = (): tf.Tensor4D => tf.tensor4d([1, 5, 1.9, 7, 2.6, 9, 3.25, 11], [1, 2, 2, 2]);

  test("changes nothing at first", () => {
    const layer = meanSparse(store, "sparse", 2);
    const images = x();
    expect(relativeDeviation(layer(images, "eval"), images)).toBe(0);
    expect(() => layer(images, "train")).toAllocate(1);
    expect([...store.buffers.keys()]).toEqual(["sparse.running_mean", "sparse.running_var", "sparse.threshold"]);
  });

  test("takes what is within threshold deviations for the mean, and no gradient there", () => {
    const layer = meanSparse(store, "sparse", 2);
    // Within 1 of 2 in channel 0, within 4 of 8 in channel 1.
    store.buffers.get("sparse.running_mean")?.assign(tf.tensor1d([2, 8]));
    store.buffers.get("sparse.running_var")?.assign(tf.tensor1d([4, 64]));
    store.buffers.get("sparse.threshold")?.assign(tf.scalar(0.5));
    expect(relativeDeviation(layer(x(), "eval"), [1, 8, 2, 8, 2, 8, 3.25, 8])).toBe(0);
    const gradient = tf.grad((x) => layer(x as tf.Tensor4D, "eval"))(x());
    expect(relativeDeviation(gradient, [1, 0, 0, 0, 0, 0, 1, 0])).toBe(0);
  });
});
