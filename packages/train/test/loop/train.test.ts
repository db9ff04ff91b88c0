import { ArgumentError, drain, type Random } from "@awp/core";
import { awp } from "@awp/perturb";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, it } from "vitest";
import { standardTraining } from "@awp/defenses";
import {
  CollapseError,
  schedules,
  type TrainEvent,
  type TrainOptions,
  type TrainSummary,
  train,
} from "../../src/index";
import { toyBatches, weightsOf } from "../toy-network";
import { disposeTraining, type ToyTraining, toyTraining } from "../toy-training";

const used: ToyTraining[] = [];
afterEach(() => {
  for (const training of used.splice(0)) disposeTraining(training);
});

function training(options: Partial<TrainOptions> = {}): ToyTraining {
  used.push(toyTraining(options));
  return used.at(-1) as ToyTraining;
}

/** Runs a training to its end and lists its events. */
async function ran(options: Partial<TrainOptions> = {}) {
  const events: TrainEvent[] = [];
  const each = training(options);
  const summary: TrainSummary = await drain(train(each), (event) => events.push(event));
  return { events, summary, weights: weightsOf(each.network) };
}

function ofKind<Kind extends TrainEvent["kind"]>(events: readonly TrainEvent[], kind: Kind) {
  return events.filter((event): event is Extract<TrainEvent, { kind: Kind }> => event.kind === kind);
}

/** An `evaluate` that returns these figures, epoch by epoch. */
const figures = (metric: string, values: readonly number[]) => (_network: unknown, epoch: number) =>
  Promise.resolve({ [metric]: values[epoch] as number });

describe("train", () => {
  it("reports steps and epochs with the learning rate of the schedule", async () => {
    const { events, summary } = await ran({ epochs: 4, stepsPerEpoch: 3, reportEvery: 2 });
    const steps = ofKind(events, "step").map(({ epoch, step, learningRate }) => [epoch, step, learningRate]);
    expect(steps).toEqual([
      [0, 2, 0.1],
      [0, 3, 0.1],
      [1, 2, 0.1],
      [1, 3, 0.01],
      [2, 2, 0.01],
      [2, 3, 0.001],
      [3, 2, 0.001],
      [3, 3, 0.001],
    ]);
    expect(ofKind(events, "epoch").map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3]);
    expect(summary).toEqual({ epochs: 4, steps: 12, metrics: {}, best: null, stopped: false });
  });

  it("reports mean losses over the examples, a short last batch included", async () => {
    const batches = function* (epoch: number) {
      yield* toyBatches({ count: 1, size: 5, seed: epoch });
      yield* toyBatches({ count: 1, size: 2, seed: epoch });
    };
    const { events } = await ran({ epochs: 1, batches, reportEvery: 1 });
    const [first, second] = ofKind(events, "step");
    const [epoch] = ofKind(events, "epoch");
    expect(epoch?.loss).toBeCloseTo(((first?.loss ?? 0) * 5 + (second?.loss ?? 0) * 2) / 7, 6);
  });

  it("starts the weight attack after the warm-up", async () => {
    const plain = (await ran({ weightAttack: awp({ gamma: 0 }) })).weights;
    expect((await ran({ warmupEpochs: 3 })).weights).toEqual(plain);
    expect((await ran({ warmupEpochs: 2 })).weights).not.toEqual(plain);
  });

  it("depends on the seed alone", async () => {
    const { weights } = await ran();
    expect((await ran()).weights).toEqual(weights);
    expect((await ran({ reportEvery: 1 })).weights).toEqual(weights);
    expect(weightsOf(training().network)).not.toEqual(weights);
    const other = toyTraining({ seed: 1 });
    used.push(other);
    await drain(train(other));
    expect(weightsOf(other.network)).not.toEqual(weights);
  });

  it("gives each step and each epoch's batches and evaluation a random value of their own", async () => {
    const streams: string[] = [];
    const name = ({ key, stream }: Random) => [...(key as Int32Array), ...stream].join();
    const plain = standardTraining();
    await ran({
      defense: {
        ...plain,
        attack: (network, batch, random) => {
          streams.push(name(random));
          return plain.attack(network, batch, random);
        },
      },
      batches: (epoch, random) => {
        streams.push(name(random));
        return toyBatches({ count: 2, seed: epoch });
      },
      evaluate: (_network, _epoch, random) => {
        streams.push(name(random));
        return Promise.resolve({});
      },
    });
    expect(streams).toHaveLength(3 * (1 + 2 + 1));
    expect(new Set(streams).size).toBe(streams.length);
  });

  it("keeps the number of tensors after each epoch and leaves none of its own", async () => {
    const each = training({ epochs: 4 });
    each.optimizer.prepare(each.network.parameters);
    const counts: number[] = [];
    const before = tf.memory().numTensors;
    await drain(train(each), ({ kind }) => kind === "epoch" && counts.push(tf.memory().numTensors));
    expect(counts).toEqual([before, before, before, before]);
  });

  it("selects the first of the best epochs, and says when that is done on the test set", async () => {
    const evaluate = figures("robust", [0.2, 0.5, 0.5]);
    const selected = await ran({ evaluate, selection: { metric: "robust", on: "validation" } });
    expect(selected.summary.best).toEqual({ epoch: 1, metric: "robust", value: 0.5 });
    expect(ofKind(selected.events, "best").map(({ epoch }) => epoch)).toEqual([0, 1]);
    expect(ofKind(selected.events, "warning")).toEqual([]);

    const onTest = await ran({ evaluate, selection: { metric: "robust", on: "test" } });
    expect(ofKind(onTest.events, "warning")[0]?.message).toContain("test set");
  });

  it("reports an accuracy at chance once the warm-up is over", async () => {
    const evaluate = figures("natural", [0.25, 0.26, 0.5, 0.2]);
    const { events } = await ran({
      epochs: 4,
      evaluate,
      chance: { metric: "natural", accuracy: 0.25 },
      warmupEpochs: 1,
    });
    expect(ofKind(events, "collapse")).toEqual([
      { kind: "collapse", epoch: 1, metric: "natural", value: 0.26 },
      { kind: "collapse", epoch: 3, metric: "natural", value: 0.2 },
    ]);
  });

  it("throws at a loss that is not finite, and names the step", async () => {
    const batches = function* (epoch: number) {
      let step = 0;
      for (const batch of toyBatches({ count: 5, seed: epoch })) {
        const spoilt = epoch === 1 && ++step === 3;
        yield spoilt ? { ...batch, images: tf.mul<tf.Tensor4D>(batch.images, Number.NaN) } : batch;
      }
    };
    const collapse = ran({ batches, stepsPerEpoch: 5, reportEvery: 4, weightAttack: awp({ gamma: 0 }) });
    await expect(collapse).rejects.toThrow(CollapseError);
    await expect(collapse).rejects.toMatchObject({ epoch: 1, step: 3 });
  });

  it("throws at a weight that is not finite, though the loss was and nothing is stored", async () => {
    const schedule = (t: number) => (t === 1 ? 1e39 : 0.1);
    await expect(ran({ epochs: 1, schedule, weightAttack: awp({ gamma: 0 }) })).rejects.toThrow("is not finite");
  });

  it("ends between two steps at the signal, with its reason, and frees what it holds", async () => {
    const controller = new AbortController();
    const each = training({ epochs: 100, signal: controller.signal, reportEvery: 1 });
    each.optimizer.prepare(each.network.parameters);
    const before = tf.memory().numTensors;
    let steps = 0;
    const run = drain(train(each), ({ kind }) => {
      if (kind === "step" && ++steps === 3) controller.abort(new Error("enough"));
    });
    await expect(run).rejects.toThrow("enough");
    expect(steps).toBe(3);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("lets timers in between two reports", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("in time")), 5);
    await expect(ran({ epochs: 500, signal: controller.signal })).rejects.toThrow("in time");
  });

  it("frees what it holds when its reader stops reading", async () => {
    const each = training({ reportEvery: 1 });
    each.optimizer.prepare(each.network.parameters);
    const before = tf.memory().numTensors;
    for await (const event of train(each)) if (event.kind === "step") break;
    expect(tf.memory().numTensors).toBe(before);
  });

  it("takes batches that come asynchronously", async () => {
    const batches = async function* (epoch: number) {
      await Promise.resolve();
      yield* toyBatches({ count: 2, seed: 1000 + epoch });
    };
    expect((await ran({ batches })).weights).toEqual((await ran()).weights);
  });

  it("refuses options that cannot work", async () => {
    const evaluate = figures("robust", [0, 0, 0]);
    const wrong: Partial<TrainOptions>[] = [
      { epochs: 0, schedule: schedules.constant({ learningRate: 0.1 }) },
      { stepsPerEpoch: 1.5 },
      { reportEvery: 0 },
      { warmupEpochs: -1 },
      { resume: true },
      { selection: { metric: "robust", on: "validation" } },
      { evaluate, selection: { metric: "robust", on: "train" as "test" } },
      { evaluate, selection: { metric: "robbust", on: "validation" } },
      { evaluate, chance: { metric: "natural", accuracy: 0.1 } },
      { checkpointEvery: 0 },
      { batches: () => toyBatches({ count: 1 }) },
      { batches: () => toyBatches({ count: 3 }) },
    ];
    for (const options of wrong) await expect(ran(options), JSON.stringify(options)).rejects.toThrow(ArgumentError);
  });
});
