import {
  ArgumentError,
  AwpError,
  type Batch,
  decodeSafetensors,
  drain,
  type Network,
  networkEntries,
  useBackend,
} from "@awp/core";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import {
  ema,
  type Metrics,
  swa,
  type TrainEvent,
  type TrainOptions,
  train,
  type WeightAverage,
  withAverage,
} from "../../src/index";
import { runDirectory } from "../../src/node";
import { weightsOf } from "../toy-network";
import { disposeTraining, pausing, storedIn, temporaryFolders, type ToyTraining, toyTraining } from "../toy-training";

const folders = temporaryFolders();
const used: ToyTraining[] = [];
const averages: WeightAverage[] = [];

function free(): void {
  for (const training of used.splice(0)) disposeTraining(training);
  for (const average of averages.splice(0)) average.dispose();
}
afterEach(free);
afterAll(() => folders.remove());

/** The sum of the weights that the network has then. */
const evaluate = (network: Network): Promise<Metrics> =>
  Promise.resolve({ robust: weightsOf(network).reduce((sum, weight) => sum + weight, 0) });

/** Four epochs of two steps with EMA, kept in a directory if there is one. */
function averaging(directory: string | undefined, options: Partial<TrainOptions> = {}): ToyTraining {
  const average = ema({ decay: 0.8, start: 0.5, statistics: "recomputed" });
  const training = toyTraining({
    epochs: 4,
    evaluate,
    selection: { metric: "robust", on: "validation" },
    average,
    checkpointEvery: 2,
    ...(directory !== undefined && { store: runDirectory(directory), resume: true }),
    ...options,
  });
  used.push(training);
  averages.push(average, ...(options.average ? [options.average] : []));
  return training;
}

async function live(training: ToyTraining) {
  const events: TrainEvent[] = [];
  const summary = await drain(train(training), (event) => events.push(event));
  return { summary, events, weights: weightsOf(training.network), averaged: weightsOf(averageOf(training).weights) };
}

const averageOf = (training: TrainOptions) => training.average as WeightAverage;

const entriesIn = (...path: string[]) => decodeSafetensors(readFileSync(join(...path)), join(...path)).entries;

describe("a training with averaged weights", () => {
  it("trains as it would without, bit for bit", async () => {
    const { weights, averaged } = await live(averaging(undefined));
    const without = toyTraining({ epochs: 4 });
    used.push(without);
    await drain(train(without));
    expect(weights).toEqual(weightsOf(without.network));
    expect(averaged).not.toEqual(weights);
  });

  it("evaluates and selects the average, and has it in the files of the best epoch", async () => {
    const directory = folders.make();
    const seen: (readonly number[])[] = [];
    const values = [1, 2, 0, 0];
    const training = averaging(directory, {
      evaluate: (network, epoch) => {
        seen.push(weightsOf(network));
        return Promise.resolve({ robust: values[epoch] as number });
      },
    });
    const { summary, weights, averaged } = await live(training);
    expect(seen.at(-1)).toEqual(averaged);
    expect(seen.at(-1)).not.toEqual(weights);
    // The weights of the second epoch, as they were evaluated.
    const best = entriesIn(summary.bestPlace!, "model.safetensors");
    expect([...best.get("fc.bias")!.data]).toEqual(seen[1]!.slice(48, 52));
    expect([...best.get("bn.running_mean")!.data]).toEqual(seen[1]!.slice(52));
    expect(existsSync(join(summary.bestPlace!, "average.safetensors"))).toBe(false);
    const checkpoint = join(directory, "checkpoints", "epoch-0004");
    expect(entriesIn(checkpoint, "average.safetensors")).toEqual(await networkEntries(averageOf(training).weights));
    expect(entriesIn(checkpoint, "model.safetensors")).toEqual(await networkEntries(training.network));
  });

  it("evaluates and stores the live weights where that is asked for", async () => {
    const directory = folders.make();
    const seen: (readonly number[])[] = [];
    const training = averaging(directory, {
      evaluated: "live",
      evaluate: (network, epoch) => {
        seen.push(weightsOf(network));
        return Promise.resolve({ robust: epoch });
      },
    });
    const { summary, weights } = await live(training);
    expect(seen.at(-1)).toEqual(weights);
    expect(entriesIn(summary.bestPlace!, "model.safetensors")).toEqual(await networkEntries(training.network));
    const averaged = await withAverage(training.network, averageOf(training), () => weightsOf(training.network));
    expect(averaged).not.toEqual(weights);
  });

  it("is the training itself at decay 0", async () => {
    const { weights, averaged } = await live(averaging(undefined, { average: ema({ decay: 0 }) }));
    expect(averaged).toEqual(weights);
    const last = swa({ start: 3, statistics: "live" });
    expect((await live(averaging(undefined, { average: last }))).averaged).toEqual(weights);
  });

  it.each(["cpu", "wasm"] as const)("ends with the files of an unbroken one after pauses on %s", async (backend) => {
    await useBackend(backend);
    for (const statistics of ["live", "average", "recomputed"] as const) {
      const options = () => ({ average: ema({ decay: 0.8, statistics }) });
      const unbroken = folders.make();
      const whole = await live(averaging(unbroken, options()));
      const files = storedIn(unbroken);
      for (const pieces of [
        [1, 1, 1, 1, 1, 1, 1, 1],
        [3, 2],
      ]) {
        const directory = folders.make();
        for (const steps of pieces) await live(pausing(averaging(directory, options()), steps));
        const { weights, averaged } = await live(averaging(directory, options()));
        expect(weights, statistics).toEqual(whole.weights);
        expect(averaged, statistics).toEqual(whole.averaged);
        expect(storedIn(directory), statistics).toEqual(files);
      }
    }
    free();
    await useBackend("cpu");
  });

  it("is the same compiled", async () => {
    const plain = await live(averaging(undefined));
    const compiled = await live(averaging(undefined, { compile: true }));
    expect(compiled.averaged).toEqual(plain.averaged);
  });

  it("has the network's own weights back after a failed or a broken off evaluation", async () => {
    const failing = averaging(undefined, { evaluate: () => Promise.reject(new Error("out of memory")), epochs: 1 });
    await expect(live(failing)).rejects.toThrow("out of memory");
    const { weights } = await live(averaging(undefined, { epochs: 1 }));
    expect(weightsOf(failing.network)).toEqual(weights);

    const controller = new AbortController();
    const paused = averaging(folders.make(), {
      epochs: 1,
      pause: controller.signal,
      evaluate: (_network, _epoch, _random, signal) => {
        controller.abort();
        return Promise.reject(signal.reason as Error);
      },
    });
    expect((await live(paused)).summary.paused).toMatchObject({ epoch: 0, step: 2 });
    expect(weightsOf(paused.network)).toEqual(weights);
  });

  it("pauses while statistics are recomputed, and goes on as if it had not", async () => {
    const [directory, unbroken] = [folders.make(), folders.make()];
    const controller = new AbortController();
    const unwatched = averaging(undefined).batches;
    const passes: number[] = [];
    const batches: TrainOptions["batches"] = function* (epoch, random) {
      passes.push(epoch);
      for (const batch of unwatched(epoch, random) as Iterable<Batch>) {
        if (passes.join() === "0,0,1,1") controller.abort();
        yield batch;
      }
    };
    const { summary } = await live(averaging(directory, { batches, pause: controller.signal }));
    expect(summary.paused).toMatchObject({ epoch: 1, step: 2 });
    await live(averaging(directory));
    await live(averaging(unbroken));
    expect(storedIn(directory)).toEqual(storedIn(unbroken));
  });

  it("leaves no tensors but the average", async () => {
    const training = averaging(undefined);
    training.optimizer.prepare(training.network.parameters);
    averageOf(training).prepare(training.network);
    const counts: number[] = [];
    const before = tf.memory().numTensors;
    await drain(train(training), ({ kind }) => kind === "epoch" && counts.push(tf.memory().numTensors));
    expect(counts).toEqual([before, before, before, before]);
  });

  it("refuses to go on with another average, or without one", async () => {
    const directory = folders.make();
    await live(averaging(directory));
    const other = live(averaging(directory, { average: ema({ decay: 0.9, start: 0.5, statistics: "recomputed" }) }));
    await expect(other).rejects.toThrow("average.decay was 0.8, is 0.9");
    await expect(live(averaging(directory, { evaluated: "live" }))).rejects.toThrow('average.evaluated was "average"');
    const without = toyTraining({ epochs: 4, store: runDirectory(directory), resume: true });
    used.push(without);
    await expect(drain(train(without))).rejects.toThrow(AwpError);
    await expect(drain(train({ ...without, evaluated: "live" }))).rejects.toThrow(ArgumentError);
  });
});
