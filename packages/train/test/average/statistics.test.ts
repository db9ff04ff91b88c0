import { type Batch, drain, type Network, random } from "@awp/core";
import { standardTraining } from "@awp/defenses";
import { disposeNetwork, networkFromLayersModel } from "@awp/models";
import * as layers from "@tensorflow/tfjs-layers";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { ema, schedules, sgd, swa, train, type TrainOptions, type WeightAverage } from "../../src/index";
import { toyBatches } from "../toy-network";

/** Batch normalisation of the images themselves, so that its statistics are known, and dropout, whose passes are counted. */
function normalising(momentum: number): Network {
  const { layers: l, initializers } = layers;
  const model = layers.sequential({
    layers: [
      l.batchNormalization({ inputShape: [2, 2, 3], momentum: 1 - momentum, name: "normalization" }),
      l.flatten({ name: "flat" }),
      l.dropout({ rate: 0.5, name: "dropout" }),
      l.dense({ units: 4, kernelInitializer: initializers.glorotUniform({ seed: 1 }), name: "scores" }),
    ],
  });
  return networkFromLayersModel(model, { random: random(1), output: "logits" });
}

const stepsPerEpoch = 3;
const batchesOf = (epoch: number): Iterable<Batch> => toyBatches({ count: stepsPerEpoch, seed: 50 + epoch });

/** Means and variances of the channels, averaged over the batches of the epoch, by hand. */
function expected(epoch: number, factor: number): { readonly mean: number[]; readonly variance: number[] } {
  const mean = [0, 0, 0];
  const variance = [0, 0, 0];
  for (const { images, labels } of batchesOf(epoch)) {
    const pixels = [...images.dataSync()];
    for (const channel of [0, 1, 2]) {
      const values = pixels.filter((_, i) => i % 3 === channel);
      const own = values.reduce((sum, value) => sum + value, 0) / values.length;
      const squares = values.reduce((sum, value) => sum + (value - own) ** 2, 0) / values.length;
      mean[channel]! += own / stepsPerEpoch;
      variance[channel]! += (squares * factor) / stepsPerEpoch;
    }
    tf.dispose([images, labels]);
  }
  return { mean, variance };
}

interface Seen {
  readonly network: Network;
  readonly evaluated: Readonly<Record<string, number[]>>;
  readonly live: Readonly<Record<string, number[]>>;
}

const valuesOf = (network: Pick<Network, "buffers">): Readonly<Record<string, number[]>> =>
  Object.fromEntries([...network.buffers].map(([name, buffer]) => [name, [...buffer.dataSync()]]));

/** The running statistics that the second epoch is evaluated with, and the live ones after it. */
async function seen(average: WeightAverage, momentum: number, options: Partial<TrainOptions> = {}): Promise<Seen> {
  const network = normalising(momentum);
  const optimizer = sgd();
  let evaluated: Seen["evaluated"] = {};
  await drain(
    train({
      network,
      optimizer,
      defense: standardTraining(),
      schedule: schedules.constant({ learningRate: 0.1 }),
      epochs: 2,
      stepsPerEpoch,
      batches: batchesOf,
      random: random(2),
      average,
      evaluate: () => {
        evaluated = valuesOf(network);
        return Promise.resolve({});
      },
      ...options,
    }),
  );
  const live = valuesOf(network);
  average.dispose();
  optimizer.dispose();
  disposeNetwork(network);
  return { network, evaluated, live };
}

test.each([0.1, 0.01, 1])("recomputed statistics are the mean over the batches, at momentum %d", async (momentum) => {
  const { evaluated, live } = await seen(swa({ start: 0 }), momentum);
  // Those of one batch move the variance by its biased estimate in TensorFlow.js.
  const { mean, variance } = expected(1, 1);
  for (const channel of [0, 1, 2]) {
    expect(evaluated["normalization/moving_mean"]![channel]).toBeCloseTo(mean[channel]!, 5);
    expect(evaluated["normalization/moving_variance"]![channel]).toBeCloseTo(variance[channel]!, 5);
  }
  expect(live["normalization/moving_mean"]).not.toEqual(evaluated["normalization/moving_mean"]);
  // A count is no statistic: it stays the network's, which counts its own steps alone.
  expect(evaluated["random/passes"]).toEqual([2 * stepsPerEpoch]);
  expect(live["random/passes"]).toEqual([2 * stepsPerEpoch]);
});

test("live statistics are the network's at the end of the epoch, bit for bit", async () => {
  const { evaluated, live } = await seen(ema({ decay: 0.9 }), 0.1);
  expect(evaluated).toEqual(live);
});

test("averaged statistics are neither, and the network's own do not depend on them", async () => {
  const averaged = await seen(ema({ decay: 0.9, statistics: "average" }), 0.1);
  const recomputed = await seen(ema({ decay: 0.9, statistics: "recomputed" }), 0.1);
  expect(averaged.evaluated).not.toEqual(averaged.live);
  expect(recomputed.live).toEqual(averaged.live);
});
