import { type Images, type Mode, normal, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { describe, expect, it } from "vitest";
import { disposeNetwork, networkFromLayersModel } from "../../src";

const l = layers.layers;
const ones = (): Images => tf.ones([4, 10, 10, 10]);

/** What noise layers in a row make of images, flattened. */
async function after(
  chain: readonly layers.layers.Layer[],
  x: Images,
  mode: Mode = "train",
  seed = 1,
): Promise<number[]> {
  const model = layers.sequential({ layers: [l.reshape({ targetShape: [100, 10], inputShape: [10, 10, 10] })] });
  for (const layer of [...chain, l.flatten()]) model.add(layer);
  const network = networkFromLayersModel(model, { random: random(seed) });
  const values = Array.from(await network.forward(x, mode).data());
  disposeNetwork(network);
  return values;
}

function moments(values: readonly number[]): { readonly mean: number; readonly std: number } {
  const mean = values.reduce((sum, value) => sum + value) / values.length;
  return { mean, std: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
}

describe("in training, 4000 values", () => {
  it("dropout drops its rate of them, and scales the others", async () => {
    const values = await after([l.dropout({ rate: 0.25 })], ones());
    expect(new Set(values)).toEqual(new Set([0, Math.fround(4 / 3)]));
    expect(moments(values).mean).toBeCloseTo(1, 1);
  });

  it("dropout with a shape of noise, and spatial dropout, drop what belongs together", async () => {
    const chains = [l.dropout({ rate: 0.5, noiseShape: [4, 1, 10] }), l.spatialDropout1d({ rate: 0.5 } as never)];
    for (const layer of chains) {
      const values = await after([layer], ones());
      const channels = Array.from({ length: 40 }, (_, index) => 1000 * Math.floor(index / 10) + (index % 10));
      for (const start of channels) {
        const along = Array.from({ length: 100 }, (_, place) => values[start + 10 * place]);
        expect(new Set(along).size).toBe(1);
      }
      expect(new Set(values)).toEqual(new Set([0, 2]));
    }
  });

  it("Gaussian noise and Gaussian dropout have their means and deviations", async () => {
    const noise = moments(await after([l.gaussianNoise({ stddev: 0.3 })], ones()));
    expect(noise.mean).toBeCloseTo(1, 1);
    expect(noise.std).toBeCloseTo(0.3, 1);
    const dropout = moments(await after([l.gaussianDropout({ rate: 0.2 })], ones()));
    expect(dropout.mean).toBeCloseTo(1, 1);
    expect(dropout.std).toBeCloseTo(0.5, 1);
  });

  it("alpha dropout keeps mean 0 and deviation 1, and drops to one value", async () => {
    const values = await after([l.alphaDropout({ rate: 0.25 })], normal(random(5), [4, 10, 10, 10]) as Images);
    const { mean, std } = moments(values);
    expect(mean).toBeCloseTo(0, 1);
    expect(std).toBeCloseTo(1, 1);
    const counts = values.map((value) => values.filter((other) => other === value).length);
    expect(Math.max(...counts) / 4000).toBeCloseTo(0.25, 1);
  });

  it("two layers, and two passes, draw differently; another seed does; the same seed does not", async () => {
    const [first, second] = [await after([l.dropout({ rate: 0.5, seed: 3 })], ones()), ones()];
    expect(await after([l.dropout({ rate: 0.5, seed: 9 })], second)).toEqual(first);
    expect(await after([l.dropout({ rate: 0.5 })], ones(), "train", 2)).not.toEqual(first);
    const twice = await after([l.dropout({ rate: 0.5 }), l.dropout({ rate: 0.5 })], ones());
    expect(new Set(twice)).toEqual(new Set([0, 4]));
    expect(moments(twice).mean).toBeCloseTo(1, 0);
  });
});

it("in evaluation nothing is drawn", async () => {
  const chain = [l.dropout({ rate: 0.5 }), l.gaussianNoise({ stddev: 1 }), l.gaussianDropout({ rate: 0.5 })];
  expect(new Set(await after([...chain, l.alphaDropout({ rate: 0.5 })], ones(), "eval"))).toEqual(new Set([1]));
});

it("a rate of 0 draws nothing, and needs no randomness", () => {
  const model = layers.sequential({ layers: [l.flatten({ inputShape: [2, 2, 1] }), l.dropout({ rate: 0 })] });
  const network = networkFromLayersModel(model);
  expect(network.buffers.size).toBe(0);
  expect(
    Array.from(
      network
        .forward(tf.ones([1, 2, 2, 1]), "train")
        .arraySync()
        .flat(),
    ),
  ).toEqual([1, 1, 1, 1]);
});

describe("a model is refused", () => {
  const flat = () => l.flatten({ inputShape: [4, 4, 2] });

  it("that draws without randomness", () => {
    const model = layers.sequential({ layers: [flat(), l.dropout({ rate: 0.1, name: "drop" })] });
    expect(() => networkFromLayersModel(model)).toThrow("random: got undefined, want a Random: drop draws in training");
  });

  it("whose layers draw by themselves", () => {
    const recurrent = layers.sequential({
      layers: [
        l.reshape({ targetShape: [4, 8], inputShape: [4, 4, 2] }),
        l.lstm({ units: 3, recurrentDropout: 0.5, recurrentInitializer: "zeros", name: "memory" }),
        l.dense({ units: 2 }),
      ],
    });
    const options = { random: random(1) };
    expect(() => networkFromLayersModel(recurrent, options)).toThrow('model: got "LSTM memory", want layers that draw');
    recurrent.dispose();
  });

  it("without one input of images", () => {
    const model = layers.sequential({ layers: [l.dense({ units: 2, inputShape: [3] })] });
    expect(() => networkFromLayersModel(model)).toThrow("model: got [[null, 3]], want one input [batch, height,");
    model.dispose();
  });
});

it("weights of one name get numbers", () => {
  const dense = (units: number) => layers.sequential({ layers: [l.dense({ units, inputShape: [4], name: "dense" })] });
  const input = layers.input({ shape: [2, 2, 1] });
  const flat = l.flatten().apply(input) as layers.SymbolicTensor;
  const both = [dense(4), dense(3)].reduce((x, model) => model.apply(x) as layers.SymbolicTensor, flat);
  const network = networkFromLayersModel(layers.model({ inputs: input, outputs: both }));
  const names = ["dense/kernel", "dense/bias", "dense/kernel_1", "dense/bias_1"];
  expect([...network.parameters.keys()]).toEqual(names);
  disposeNetwork(network);
});
