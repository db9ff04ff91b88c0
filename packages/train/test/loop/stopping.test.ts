import { ArgumentError, drain } from "@awp/core";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { type TrainEvent, type TrainOptions, train } from "../../src/index";
import { runDirectory } from "../../src/node";
import { weightsOf } from "../toy-network";
import { disposeTraining, pausing, storedIn, temporaryFolders, type ToyTraining, toyTraining } from "../toy-training";

const folders = temporaryFolders();
const used: ToyTraining[] = [];
afterEach(() => {
  for (const training of used.splice(0)) disposeTraining(training);
});
afterAll(() => folders.remove());

/** A training whose epochs have these robust accuracies, where a number is given. */
function judged(robust: readonly (number | undefined)[], options: Partial<TrainOptions> = {}): ToyTraining {
  const evaluate: TrainOptions["evaluate"] = (_network, epoch) => {
    const figure = robust[epoch];
    return Promise.resolve(figure === undefined ? {} : { robust: figure });
  };
  const training = toyTraining({ epochs: robust.length, evaluate, ...options });
  used.push(training);
  return training;
}

async function live(training: ToyTraining) {
  const events: TrainEvent[] = [];
  const summary = await drain(train(training), (event) => events.push(event));
  return { events, summary, weights: weightsOf(training.network) };
}

describe("patience", () => {
  const figures = [0.2, 0.5, 0.4, 0.5, 0.3, 0.6, 0.7];
  const selection = { metric: "robust", on: "validation" } as const;
  const patient = (directory: string, patience = 3) =>
    judged(figures, { selection, patience, store: runDirectory(directory), resume: true, checkpointEvery: 10 });

  it("ends the training after so many epochs that are no better, with a checkpoint, and says so", async () => {
    const directory = folders.make();
    const { events, summary } = await live(patient(directory));
    const best = { epoch: 1, metric: "robust", value: 0.5 };
    expect(events.at(-1)).toEqual({ kind: "stopped", epoch: 4, best });
    expect(summary).toMatchObject({ epochs: 5, steps: 10, best, stopped: true, paused: undefined });
    expect(readdirSync(join(directory, "checkpoints"))).toEqual(["epoch-0005"]);
  });

  it("lets a training go on that gets better in time", async () => {
    const { events, summary } = await live(patient(folders.make(), 4));
    expect(summary).toMatchObject({ epochs: 7, stopped: false, best: { epoch: 6 } });
    expect(events.some(({ kind }) => kind === "stopped")).toBe(false);
  });

  it("is counted over pauses, and is over when the training has ended", async () => {
    const unbroken = folders.make();
    const { weights } = await live(patient(unbroken));
    const files = storedIn(unbroken);
    const directory = folders.make();
    for (const steps of [3, 4, 2]) await live(pausing(patient(directory), steps));
    expect((await live(patient(directory))).weights).toEqual(weights);
    expect(storedIn(directory)).toEqual(files);
    const again = await live(patient(directory));
    expect(again.events.map(({ kind }) => kind)).toEqual(["resumed", "stopped"]);
    expect(again.summary).toMatchObject({ epochs: 5, stopped: true });
    expect((await live(patient(directory, 4))).summary).toMatchObject({ epochs: 7, stopped: false });
  });

  it("waits for a first figure, and takes NaN for none", async () => {
    const late = judged([undefined, undefined, Number.NaN, 0.5, Number.NaN, undefined, 1], { selection, patience: 2 });
    expect((await live(late)).summary).toMatchObject({ epochs: 6, stopped: true, best: { epoch: 3 } });
  });

  it("needs a selection and a count", async () => {
    await expect(live(judged([1], { patience: 2 }))).rejects.toThrow(ArgumentError);
    await expect(live(judged([1], { selection, patience: 0 }))).rejects.toThrow("patience");
  });
});

describe("the detector of catastrophic overfitting", () => {
  const overfitting = { metric: "robust" };
  const seen = async (robust: readonly (number | undefined)[], options: Partial<TrainOptions> = {}) => {
    const { events } = await live(judged(robust, { overfitting, ...options }));
    return events.filter(({ kind }) => kind === "catastrophic-overfitting");
  };

  it("reports the epoch in which the figure falls below half of its best so far, once", async () => {
    expect(await seen([0.3, 0.44, 0.42, 0.01, 0, 0])).toEqual([
      { kind: "catastrophic-overfitting", epoch: 3, metric: "robust", best: 0.44, before: 0.42, now: 0.01 },
    ]);
  });

  it("reports it again after a recovery", async () => {
    expect(await seen([0.4, 0.1, 0.3, 0.1])).toMatchObject([{ epoch: 1 }, { epoch: 3, best: 0.4, before: 0.3 }]);
  });

  it("takes the drop that is asked for", async () => {
    expect(await seen([0.4, 0.3, 0.2], { overfitting: { metric: "robust", drop: 0.2 } })).toMatchObject([{ epoch: 1 }]);
    expect(await seen([0.4, 0.3, 0.2], { overfitting: { metric: "robust", drop: 0.9 } })).toEqual([]);
  });

  it("passes over epochs without a figure and figures that are NaN", async () => {
    expect(await seen([Number.NaN, 0.4, undefined, Number.NaN, 0.1])).toMatchObject([
      { epoch: 4, best: 0.4, before: 0.4, now: 0.1 },
    ]);
    expect(await seen([0.4, Number.NaN, 0.4])).toEqual([]);
  });

  it("remembers over a pause what it has seen", async () => {
    const directory = folders.make();
    const robust = [0.4, undefined, 0.1];
    const options = { overfitting, store: runDirectory(directory), resume: true };
    await live(pausing(judged(robust, options), 3)); // within the second epoch
    expect(await seen(robust, options)).toMatchObject([{ epoch: 2, best: 0.4 }]);
  });

  it("refuses what it cannot look at", async () => {
    await expect(seen([0.4], { overfitting: { metric: "robbust" } })).rejects.toThrow(ArgumentError);
    await expect(seen([0.4], { overfitting: { metric: "robust", drop: 1 } })).rejects.toThrow("overfitting.drop");
    const without = toyTraining({ overfitting });
    used.push(without);
    await expect(live(without)).rejects.toThrow("overfitting");
  });
});
