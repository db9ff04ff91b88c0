import { drain, random, useBackend } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { type TrainEvent, type TrainOptions, type TrainSummary, train } from "../../src/index";
import { runDirectory } from "../../src/node";
import { toyBatches, weightsOf } from "../toy-network";
import { disposeTraining, pausing, storedIn, temporaryFolders, type ToyTraining, toyTraining } from "../toy-training";

const folders = temporaryFolders();
const used: ToyTraining[] = [];
afterEach(() => {
  for (const training of used.splice(0)) disposeTraining(training);
});
afterAll(() => folders.remove());

const accuracy = [0.3, 0.5, 0.4];
const epochs = 3;
const stepsPerEpoch = 3;

/** Three epochs of three steps; the last batch is short, so that the losses do not weigh the same. */
function stored(directory: string, options: Partial<TrainOptions> = {}): ToyTraining {
  const training = toyTraining({
    epochs,
    stepsPerEpoch,
    *batches(epoch) {
      yield* toyBatches({ count: 2, seed: 1000 + epoch });
      yield* toyBatches({ count: 1, size: 4, seed: 2000 + epoch });
    },
    evaluate: (_network, epoch) => Promise.resolve({ robust: accuracy[epoch] as number }),
    selection: { metric: "robust", on: "validation" },
    store: runDirectory(directory),
    checkpointEvery: 2,
    resume: true,
    ...options,
  });
  used.push(training);
  return training;
}

interface Life {
  readonly summary: TrainSummary;
  readonly events: readonly TrainEvent[];
  readonly weights: readonly number[];
}

async function live(training: ToyTraining): Promise<Life> {
  const events: TrainEvent[] = [];
  const summary = await drain(train(training), (event) => events.push(event));
  return { summary, events, weights: weightsOf(training.network) };
}

/** Lives of so many steps each, until the training has come to its end: the last of them. */
async function inPieces(directory: string, pieces: Iterable<number>, options?: Partial<TrainOptions>): Promise<Life> {
  for (const steps of pieces) {
    const life = await live(pausing(stored(directory, options), steps));
    if (life.summary.paused === undefined) return life;
  }
  return live(stored(directory, options));
}

const always = (steps: number): number[] => Array.from({ length: epochs * stepsPerEpoch }, () => steps);

describe("a paused training", () => {
  it.each(["cpu", "wasm"] as const)("ends with the weights and files of an unbroken one on %s", async (backend) => {
    await useBackend(backend);
    const unbroken = folders.make();
    const { weights } = await live(stored(unbroken));
    const files = storedIn(unbroken);
    const lives = [always(1), always(2), [4, 1, 3], [8], [3, 3]];
    for (const pieces of lives) {
      const directory = folders.make();
      expect((await inPieces(directory, pieces)).weights, pieces.join()).toEqual(weights);
      expect(storedIn(directory), pieces.join()).toEqual(files);
    }
    for (const training of used.splice(0)) disposeTraining(training);
    await useBackend("cpu");
  });

  it("says where it is, and goes on there", async () => {
    const directory = folders.make();
    const { summary, events } = await live(pausing(stored(directory, { reportEvery: 100 }), 5));
    const place = join(directory, "checkpoints", "epoch-0001-step-00002");
    expect(summary).toMatchObject({ epochs: 1, steps: 5, paused: { epoch: 1, step: 2, place } });
    expect(events.at(-1)).toEqual({ kind: "paused", epoch: 1, step: 2, place });
    // Beside the one that a collapse would go back to.
    expect(readdirSync(join(directory, "checkpoints")).sort()).toEqual(["epoch-0000", "epoch-0001-step-00002"]);

    const resumed = await live(stored(directory, { reportEvery: 1 }));
    expect(resumed.events[0]).toEqual({ kind: "resumed", epoch: 1, step: 2, place });
    expect(resumed.events[1]).toMatchObject({ kind: "step", epoch: 1, step: 3 });
    expect(resumed.summary).toMatchObject({ epochs, steps: 9, paused: undefined });
  });

  it("reports the mean loss over the examples of the whole epoch", async () => {
    const epochsOf = ({ events }: Life) => events.flatMap((event) => (event.kind === "epoch" ? [event.loss] : []));
    const losses = epochsOf(await live(stored(folders.make())));
    expect(epochsOf(await inPieces(folders.make(), [2]))).toEqual(losses);
    expect(epochsOf(await inPieces(folders.make(), [8]))).toEqual(losses.slice(2));
  });

  it("after the last step of an epoch leaves the evaluation to the next life", async () => {
    const directory = folders.make();
    const evaluated: number[] = [];
    const evaluate = (_network: unknown, epoch: number) => {
      evaluated.push(epoch);
      return Promise.resolve({ robust: accuracy[epoch] as number });
    };
    const { summary } = await live(pausing(stored(directory, { evaluate }), 6));
    expect(summary.paused).toMatchObject({ epoch: 1, step: 3 });
    expect(evaluated).toEqual([0]);
    const batches: TrainOptions["batches"] = (epoch) => {
      expect(epoch).toBe(2); // those of the epoch done are not made again
      return toyBatches({ count: 3, seed: epoch });
    };
    await live(stored(directory, { evaluate, batches }));
    expect(evaluated).toEqual([0, 1, 2]);
  });

  it("before its first step has its first weights stored, and no step made", async () => {
    const directory = folders.make();
    const pause = AbortSignal.abort();
    for (const life of [1, 2]) {
      const { summary } = await live(stored(directory, { pause }));
      expect(summary, `life ${life}`).toMatchObject({ epochs: 0, steps: 0, paused: { epoch: 0, step: 0 } });
    }
    expect(readdirSync(join(directory, "checkpoints"))).toEqual(["epoch-0000"]);
    expect((await live(stored(directory))).weights).toEqual((await live(stored(folders.make()))).weights);
  });

  it("during an evaluation does not wait for its end, and makes it anew", async () => {
    const directory = folders.make();
    const controller = new AbortController();
    const evaluate: TrainOptions["evaluate"] = async (_network, epoch, _random, signal) => {
      if (epoch === 1) {
        controller.abort();
        await setTimeout(1e6, undefined, { signal });
      }
      return { robust: accuracy[epoch] as number };
    };
    const { summary } = await live(stored(directory, { evaluate, pause: controller.signal }));
    expect(summary.paused).toMatchObject({ epoch: 1, step: 3 });
    const unbroken = folders.make();
    expect((await live(stored(directory))).weights).toEqual((await live(stored(unbroken))).weights);
    expect(storedIn(directory)).toEqual(storedIn(unbroken));
  });

  it("takes the figures of an evaluation that does not heed the signal, and pauses after it", async () => {
    const controller = new AbortController();
    const evaluate: TrainOptions["evaluate"] = (_network, epoch) => {
      if (epoch === 1) controller.abort();
      return Promise.resolve({ robust: accuracy[epoch] as number });
    };
    const { summary } = await live(stored(folders.make(), { evaluate, pause: controller.signal }));
    expect(summary).toMatchObject({ epochs: 2, metrics: { robust: 0.5 }, paused: { epoch: 2, step: 0 } });
  });

  it("still throws what goes wrong in an evaluation", async () => {
    const controller = new AbortController();
    const evaluate = () => {
      controller.abort();
      return Promise.reject(new Error("out of memory"));
    };
    await expect(live(stored(folders.make(), { evaluate, pause: controller.signal }))).rejects.toThrow("out of memory");
  });

  it("pauses in time, whatever is reported", async () => {
    const training = toyTraining({
      epochs: 1000,
      pause: AbortSignal.timeout(20),
      reportEvery: 1000,
      random: random(3),
    });
    used.push(training);
    const before = tf.memory().numTensors;
    const { paused, steps } = (await live(training)).summary;
    expect(paused).toMatchObject({ place: undefined });
    expect(steps).toBeLessThan(2000);
    expect(tf.memory().numTensors).toBe(before + training.optimizer.state.size);
  });

  it("has nothing to pause after its end", async () => {
    const directory = folders.make();
    await live(stored(directory));
    const { summary } = await live(stored(directory, { pause: AbortSignal.abort() }));
    expect(summary.paused).toBeUndefined();
    expect((await live(pausing(stored(folders.make()), epochs * stepsPerEpoch))).summary.paused).toMatchObject({
      epoch: 2,
      step: 3,
    });
  });
});
