import { parameterGradients, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { batchNorm } from "../../src/architecture/batch-norm";
import type { Layer } from "../../src/architecture/layer";
import { type ParameterStore, parameterStore } from "../../src/architecture/parameter-store";

let store: ParameterStore;
let layer: Layer;
let x: tf.Tensor4D;

// Channel 0 holds 1, 2, 3, 6 (mean 3, biased variance 3.5, unbiased 14/3); channel 1 four times 5.
beforeEach(() => {
  store = parameterStore(random(0));
  layer = batchNorm(store, "bn", 2, 0.1);
  x = tf.tensor4d([1, 5, 2, 5, 3, 5, 6, 5], [2, 1, 2, 2]);
});

afterEach(() => tf.dispose([...store.parameters.values(), ...store.buffers.values()]));

const buffer = async (name: string) => [...((await store.buffers.get(`bn.${name}`)?.data()) ?? [])];

async function expectClose(actual: tf.Tensor | number[], expected: number[]): Promise<void> {
  const values = actual instanceof tf.Tensor ? [...(await actual.data())] : actual;
  expect(values).toHaveLength(expected.length);
  for (const [index, value] of values.entries()) expect(value).toBeCloseTo(expected[index] as number, 4);
}

describe("running statistics of batch norm", () => {
  it("move by momentum in mode train, the variance towards the unbiased one", async () => {
    layer(x, "train");
    await expectClose(await buffer("running_mean"), [0.3, 0.5]);
    await expectClose(await buffer("running_var"), [0.9 + (0.1 * 14) / 3, 0.9]);
    layer(x, "train");
    await expectClose(await buffer("running_mean"), [0.57, 0.95]);
  });

  it.each(["eval", "train-frozen"] as const)("stay in mode %s", async (mode) => {
    layer(x, mode);
    expect(await buffer("running_mean")).toEqual([0, 0]);
    expect(await buffer("running_var")).toEqual([1, 1]);
  });

  it("move once for a loss that is differentiated, and leave no tensor", async () => {
    const loss = (): tf.Scalar => tf.sum(tf.square(layer(x, "train")));
    const before = tf.memory().numTensors;
    const { loss: value, gradients } = parameterGradients(loss, store.parameters);
    tf.dispose([value, ...gradients.values()]);
    expect(tf.memory().numTensors).toBe(before);
    await expectClose(await buffer("running_mean"), [0.3, 0.5]);
  });
});

describe("the output of batch norm", () => {
  const root = Math.sqrt(3.5 + 1e-5);

  it.each(["train", "train-frozen"] as const)("is normalised by the batch in mode %s", async (mode) => {
    const channel = [-2 / root, -1 / root, 0, 3 / root];
    await expectClose(tf.slice(layer(x, mode), [0, 0, 0, 0], [2, 1, 2, 1]), channel);
  });

  it("is scaled and shifted by the running statistics in mode eval", async () => {
    store.buffers.get("bn.running_mean")?.assign(tf.tensor1d([1, 4]));
    store.buffers.get("bn.running_var")?.assign(tf.tensor1d([4, 0.25]));
    store.parameters.get("bn.weight")?.assign(tf.tensor1d([3, 1]));
    store.parameters.get("bn.bias")?.assign(tf.tensor1d([-1, 0.5]));
    await expectClose(tf.slice(layer(x, "eval"), [0, 0, 0, 0], [2, 1, 2, 1]), [-1, 0.5, 2, 6.5]);
    await expectClose(tf.slice(layer(x, "eval"), [0, 0, 0, 1], [2, 1, 2, 1]), [2.5, 2.5, 2.5, 2.5]);
  });
});

it.each(["eval", "train", "train-frozen"] as const)("batch norm leaves its output alone in mode %s", (mode) => {
  expect(() => layer(x, mode)).toAllocate(1);
});

it("batch norm refuses statistics of a single value per channel", () => {
  const single: tf.Tensor4D = tf.ones([1, 1, 1, 2]);
  for (const mode of ["train", "train-frozen"] as const)
    expect(() => layer(single, mode)).toThrow("x: got [1, 1, 1, 2]");
  expect(layer(single, "eval").shape).toEqual([1, 1, 1, 2]);
});
