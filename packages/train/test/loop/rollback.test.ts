import { ArgumentError, type Batch, drain, type Random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import {
  CollapseError,
  ema,
  schedules,
  type TrainEvent,
  type TrainOptions,
  train,
  type WeightAverage,
} from "../../src/index";
import { runDirectory } from "../../src/node";
import { toyBatches, weightsOf } from "../toy-network";
import { disposeTraining, pausing, storedIn, temporaryFolders, type ToyTraining, toyTraining } from "../toy-training";

const folders = temporaryFolders();
const used: ToyTraining[] = [];
const averages: WeightAverage[] = [];
afterEach(() => {
  for (const training of used.splice(0)) disposeTraining(training);
  for (const average of averages.splice(0)) average.dispose();
});
afterAll(() => folders.remove());

const stepsPerEpoch = 3;

/**
 * Six epochs of three steps with a checkpoint after every two, whose weights are lost at the second step of epoch 3 while
 * the learning rate is above `safe`.
 */
function fragile(safe: number, options: Partial<TrainOptions> = {}, directory?: string): ToyTraining {
  const average = ema({ decay: 0.5 });
  averages.push(average);
  const training = toyTraining({
    epochs: 6,
    stepsPerEpoch,
    schedule: schedules.constant({ learningRate: 0.1 }),
    checkpointEvery: 2,
    rollback: { factor: 0.5, most: 3 },
    average,
    batches: (epoch) => toyBatches({ count: stepsPerEpoch, seed: epoch }),
    ...(directory !== undefined && { store: runDirectory(directory), resume: true }),
    ...options,
  });
  const { optimizer, batches } = training;
  // The place in the run is known from the batches that were asked for.
  let place = { epoch: -1, step: 0 };
  const fragileOptimizer: typeof optimizer = {
    ...optimizer,
    update(parameters, gradients, learningRate) {
      optimizer.update(parameters, gradients, learningRate);
      if (place.epoch !== 3 || place.step !== 2 || (learningRate as number) <= safe) return;
      for (const weight of parameters.values()) tf.tidy(() => weight.assign(tf.mul(weight, Number.NaN)));
    },
  };
  const counted = function* (epoch: number, random: Random) {
    let step = 0;
    for (const batch of batches(epoch, random) as Iterable<Batch>) {
      place = { epoch, step: ++step };
      yield batch;
    }
  };
  const whole = { ...training, optimizer: fragileOptimizer, batches: counted };
  used.push(whole);
  return whole;
}

async function live(training: ToyTraining) {
  const events: TrainEvent[] = [];
  const summary = await drain(train(training), (event) => events.push(event));
  const average = (training as TrainOptions).average as WeightAverage;
  return { summary, events, weights: weightsOf(training.network), averaged: weightsOf(average.weights) };
}

const rollbacksIn = (events: readonly TrainEvent[]) => events.filter(({ kind }) => kind === "rollback");

describe("a training that collapses", () => {
  it.each([false, true])("goes back to its last checkpoint with a lower rate, with a store: %s", async (stored) => {
    const directory = stored ? folders.make() : undefined;
    const { events, summary } = await live(fragile(0.03, {}, directory));
    const [first, second, ...others] = rollbacksIn(events);
    expect(first).toMatchObject({ epoch: 3, to: 2, rollbacks: 1, rateFactor: 0.5 });
    expect(first).toMatchObject({ reason: expect.stringContaining("epoch 3") as string });
    expect(second).toMatchObject({ epoch: 3, to: 2, rollbacks: 2, rateFactor: 0.25 });
    expect(others).toEqual([]);
    const epochs = events.flatMap((event) => (event.kind === "epoch" ? [[event.epoch, event.learningRate]] : []));
    const tail = [2, 3, 4, 5].map((epoch) => [epoch, 0.025]);
    expect(epochs).toEqual([[0, 0.1], [1, 0.1], [2, 0.1], [2, 0.05], ...tail]);
    expect(summary).toMatchObject({ epochs: 6, steps: 18 });
  });

  it("ends the same with its checkpoints in memory and in a store, which forgets the lost epochs", async () => {
    const directory = folders.make();
    const inStore = await live(fragile(0.03, {}, directory));
    const inMemory = await live(fragile(0.03));
    expect(inMemory.weights).toEqual(inStore.weights);
    expect(inMemory.averaged).toEqual(inStore.averaged);
    const lines = storedIn(directory)["metrics.jsonl"]!.trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { epoch: number }).epoch)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("ends with the files of an unbroken one, wherever it is paused", async () => {
    const unbroken = folders.make();
    const { weights, averaged } = await live(fragile(0.03, {}, unbroken));
    const files = storedIn(unbroken);
    // Of 28 steps in all: before, at and after the first collapse, within the epochs that come again, and late.
    for (const pieces of [[4, 4, 4, 4, 4, 4], [10], [7, 2, 1, 2], [12, 3], [20]]) {
      const directory = folders.make();
      for (const steps of pieces) await live(pausing(fragile(0.03, {}, directory), steps));
      const whole = await live(fragile(0.03, {}, directory));
      expect(whole.weights, pieces.join()).toEqual(weights);
      expect(whole.averaged, pieces.join()).toEqual(averaged);
      expect(storedIn(directory), pieces.join()).toEqual(files);
    }
  });

  it("ends with the files of an unbroken one, in whatever epoch it is ended, one that came again too", async () => {
    const unbroken = folders.make();
    await live(fragile(0.03, {}, unbroken));
    for (let last = 1; last <= 10; last++) {
      const directory = folders.make();
      const controller = new AbortController();
      let begun = 0;
      const batches: TrainOptions["batches"] = (epoch) => {
        if (++begun === last) controller.abort(new Error("ended"));
        return toyBatches({ count: stepsPerEpoch, seed: epoch });
      };
      await expect(live(fragile(0.03, { batches, signal: controller.signal }, directory))).rejects.toThrow("ended");
      await live(fragile(0.03, {}, directory));
      expect(storedIn(directory), `ended in its epoch ${last}`).toEqual(storedIn(unbroken));
    }
  });

  it("draws other numbers in the epochs that come again", async () => {
    const orders: string[] = [];
    const batches: TrainOptions["batches"] = (epoch, random) => {
      orders.push(`${epoch} ${random.stream.join()}`);
      return toyBatches({ count: stepsPerEpoch, seed: epoch });
    };
    await live(fragile(0.03, { batches }));
    expect(orders).toHaveLength(4 + 2 + 4);
    expect(new Set(orders).size).toBe(orders.length);
  });

  it("throws after the last rollback, with the checkpoint kept", async () => {
    const directory = folders.make();
    const events: TrainEvent[] = [];
    const hopeless = drain(train(fragile(0, {}, directory)), (event) => events.push(event));
    await expect(hopeless).rejects.toThrow(CollapseError);
    expect(rollbacksIn(events)).toHaveLength(3);
    expect(Object.keys(storedIn(directory))).toContain("checkpoints/epoch-0002/state.json");
  });

  it("throws at once what is no collapse", async () => {
    const batches = () => {
      throw new Error("no disk");
    };
    await expect(live(fragile(0, { batches }))).rejects.toThrow("no disk");
  });

  it("counts no better than a guess as one, where chance is looked at", async () => {
    const chance = { metric: "natural", accuracy: 0.1 };
    const figures = [0.5, 0.5, 0.5, 0.1, 0.5, 0.5];
    let evaluations = 0;
    const evaluate: TrainOptions["evaluate"] = (_network, epoch) =>
      Promise.resolve({ natural: evaluations++ === 3 ? (figures[epoch] as number) : 0.5 });
    const { events } = await live(fragile(1, { chance, evaluate, warmupEpochs: 1 }));
    expect(rollbacksIn(events)).toMatchObject([
      { epoch: 3, step: 3, to: 2, reason: expect.stringContaining("natural is 0.1, no better than a guess") as string },
    ]);
  });

  it("leaves no tensors behind", async () => {
    const training = fragile(0.03);
    training.optimizer.prepare(training.network.parameters);
    averages.at(-1)!.prepare(training.network);
    const before = tf.memory().numTensors;
    await drain(train(training));
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses a rollback that cannot be", async () => {
    for (const rollback of [
      { factor: 0, most: 1 },
      { factor: 1.5, most: 1 },
      { factor: 0.5, most: 0 },
    ]) {
      await expect(live(fragile(0, { rollback })), JSON.stringify(rollback)).rejects.toThrow(ArgumentError);
    }
  });
});
