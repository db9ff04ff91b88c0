import {
  crossEntropy,
  type Images,
  mean,
  type Mode,
  type Network,
  parameterGradients,
  random,
  uniform,
} from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { describe, expect, it } from "vitest";
import { disposeNetwork, networkFromLayersModel } from "../../src";
import { userModel } from "./user-model";

const images = (seed = 1) => uniform(random(seed), [4, 6, 6, 3]) as Images;
const labels = () => tf.tensor1d([0, 1, 2, 0], "int32");
const lossOf = (network: Network, mode: Mode) => () => mean(crossEntropy(network.forward(images(), mode), labels()));

const valuesOf = (network: Network) =>
  Promise.all([...network.parameters, ...network.buffers].map(async ([name, v]) => [name, Array.from(await v.data())]));

const withNetwork = async (body: (network: Network, model: layers.LayersModel) => unknown, rate = 0.4) => {
  const model = userModel({ rate });
  const network = networkFromLayersModel(model, { random: random(3) });
  try {
    await body(network, model);
  } finally {
    disposeNetwork(network);
  }
};

describe("a network of a tf.LayersModel", () => {
  it("has the model's own variables, by the names in its files", () =>
    withNetwork((network, model) => {
      expect([...network.parameters.keys()]).toEqual([
        ...[
          "conv/kernel",
          "conv_bn/beta",
          "depthwise/depthwise_kernel",
          "depthwise/bias",
          "hidden/kernel",
          "hidden/bias",
        ],
        ...["hidden_bn/gamma", "hidden_bn/beta", "scores/kernel", "scores/bias"],
      ]);
      expect([...network.buffers.keys()]).toEqual([
        ...["conv_bn/moving_mean", "conv_bn/moving_variance", "hidden_bn/moving_mean", "hidden_bn/moving_variance"],
        "random/passes",
      ]);
      const own = model.trainableWeights.map((weight) => weight.read());
      expect([...network.parameters.values()].every((variable, index) => variable === own[index])).toBe(true);
    }));

  it("answers in evaluation with the logits of the model's probabilities", () =>
    withNetwork(async (network, model) => {
      network.forward(images(2), "train").dispose();
      const found = await tf.softmax(network.forward(images(), "eval")).data();
      const wanted = await (model.predict(images()) as tf.Tensor).data();
      for (const [index, p] of found.entries()) expect(p).toBeCloseTo(wanted[index] as number, 6);
    }));

  it("leaves one tensor per pass, in every mode", () =>
    withNetwork((network) => {
      const x = images();
      for (const mode of ["eval", "train", "train-frozen"] as const) {
        expect(() => network.forward(x, mode)).toAllocate(1);
      }
      const loss = lossOf(network, "train");
      expect(() => tf.tidy(() => void parameterGradients(loss, network.parameters))).toAllocate(0);
      expect(() => network.forward(tf.zeros([1, 5, 6, 3]), "train")).toThrow(
        "x: got [1, 5, 6, 3], want the model's input, [any, 6, 6, 3]",
      );
    }));

  it("respects layers that are not trainable, whose batch normalisation stays with its moving statistics", async () => {
    const model = userModel();
    model.getLayer("stem").trainable = false;
    model.getLayer("hidden").trainable = false;
    const network = networkFromLayersModel(model, { random: random(3) });
    expect([...network.parameters.keys()][0]).toBe("depthwise/depthwise_kernel");
    expect([...network.buffers.keys()]).toEqual(
      expect.arrayContaining(["conv/kernel", "conv_bn/beta", "hidden/kernel"]),
    );
    network.forward(images(), "train").dispose();
    const moving = async (name: string) => Array.from((await network.buffers.get(name)?.data()) ?? []);
    expect(await moving("conv_bn/moving_mean")).toEqual([0, 0, 0, 0]);
    expect(await moving("hidden_bn/moving_mean")).not.toEqual([0, 0, 0, 0, 0]);
    disposeNetwork(network);
  });
});

describe("batch normalisation of such a network", () => {
  const normalizing = (shape: number[], axis: number) => {
    const inputShape = [1, 1, tf.util.sizeFromShape(shape) / 5];
    const model = layers.sequential({ layers: [layers.layers.reshape({ targetShape: shape.slice(1), inputShape })] });
    model.add(layers.layers.batchNormalization({ axis, momentum: 0.7, epsilon: 0.01 }));
    if (shape.length > 2) model.add(layers.layers.flatten());
    return model;
  };
  const input = (shape: number[]) => tf.reshape(uniform(random(4), shape, -1, 3), [5, 1, 1, -1]) as Images;

  it.each([[[5, 3]], [[5, 4, 3]], [[5, 2, 4, 3]]])("of %j normalises and moves as tfjs's own", async (shape) => {
    const [model, own] = [normalizing(shape, -1), normalizing(shape, -1)];
    const network = networkFromLayersModel(model);
    const x = input(shape);
    const found = await network.forward(x, "train").data();
    const wanted = await (own.apply(x, { training: true }) as tf.Tensor).data();
    for (const [index, value] of found.entries()) expect(value).toBeCloseTo(wanted[index] as number, 4);
    for (const [index, weight] of own.getWeights().entries()) {
      const moved = await (model.getWeights()[index] as tf.Tensor).data();
      for (const [at, value] of (await weight.data()).entries()) expect(moved[at]).toBeCloseTo(value, 5);
    }
    disposeNetwork(network);
    own.dispose();
  });

  // Not against tfjs: its kernel on cpu broadcasts statistics along the last axis whatever the axis is.
  it.each(["train", "eval"] as const)(
    "along another axis is that of the transposed images, in mode %s",
    async (mode) => {
      const first = networkFromLayersModel(normalizing([5, 3, 2, 4], 1));
      const last = networkFromLayersModel(normalizing([5, 2, 4, 3], 3));
      for (const { buffers } of [first, last]) {
        for (const [index, variable] of [...buffers.values()].entries())
          variable.assign(tf.tensor1d([0.5, 1, 2 + index]));
      }
      const x = input([5, 3, 2, 4]);
      const order = [0, 2, 3, 1];
      const transposed = tf.reshape(tf.transpose(tf.reshape(x, [5, 3, 2, 4]), order), x.shape) as Images;
      const found = await tf.transpose(tf.reshape(first.forward(x, mode), [5, 3, 2, 4]), order).data();
      const wanted = await last.forward(transposed, mode).data();
      for (const [index, value] of found.entries()) expect(value).toBeCloseTo(wanted[index] as number, 5);
      disposeNetwork(first);
      disposeNetwork(last);
    },
  );
});

describe("frozen means frozen", () => {
  it("nothing moves in a pass that is frozen or evaluates, bit for bit, nor in its gradient", () =>
    withNetwork(async (network) => {
      network.forward(images(2), "train").dispose();
      const before = await valuesOf(network);
      for (const mode of ["train-frozen", "eval"] as const) {
        network.forward(images(), mode).dispose();
        tf.tidy(() => void parameterGradients(lossOf(network, mode), network.parameters));
        tf.tidy(() => void tf.grad((x) => tf.sum(network.forward(x as Images, mode)))(images()));
      }
      expect(await valuesOf(network)).toEqual(before);
    }));

  it("statistics move once in each pass that trains, differentiated or not", () =>
    withNetwork(async (network) => {
      const buffer = async (name: string) => Array.from((await network.buffers.get(name)?.data()) ?? []);
      network.forward(images(), "train").dispose();
      const first = await buffer("hidden_bn/moving_mean");
      tf.tidy(() => void parameterGradients(lossOf(network, "train"), network.parameters));
      const second = await buffer("hidden_bn/moving_mean");
      tf.tidy(() => void tf.variableGrads(() => lossOf(network, "train")()));
      const third = await buffer("hidden_bn/moving_mean");
      // From 0 towards the batch's mean m, a fifth of the way each: m/5, 9m/25, 61m/125.
      for (const [index, value] of first.entries()) {
        expect(second[index]).toBeCloseTo(value * 1.8, 6);
        expect(third[index]).toBeCloseTo(value * 2.44, 6);
      }
      expect(await buffer("random/passes")).toEqual([3]);
    }));

  it("a frozen pass drops what the next pass that trains drops, and no other", () =>
    withNetwork(async (network) => {
      const pass = async (mode: Mode) => Array.from(await network.forward(images(), mode).data());
      const [frozen, again, trained] = [await pass("train-frozen"), await pass("train-frozen"), await pass("train")];
      expect(again).toEqual(frozen);
      expect(trained).toEqual(frozen);
      expect(await pass("train-frozen")).not.toEqual(frozen);
    }));
});

it("gradients are those of finite differences, dropout and statistics included", () =>
  withNetwork(async (network) => {
    const { gradients } = parameterGradients(lossOf(network, "train-frozen"), network.parameters);
    for (const name of ["conv/kernel", "depthwise/depthwise_kernel", "hidden_bn/gamma"]) {
      const variable = network.parameters.get(name) as tf.Variable;
      const direction = uniform(random(9), variable.shape, -1, 1);
      const start = variable.clone();
      const at = async (step: number) => {
        variable.assign(tf.add(start, tf.mul(direction, step)));
        return (await lossOf(network, "train-frozen")().data())[0] as number;
      };
      const slope = ((await at(1e-3)) - (await at(-1e-3))) / 2e-3;
      await at(0);
      const [product = 0] = await tf.sum(tf.mul(direction, gradients.get(name) as tf.Tensor)).data();
      expect(product).toBeCloseTo(slope, 2);
    }
  }));
