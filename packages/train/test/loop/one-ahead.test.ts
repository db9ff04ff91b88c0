import { type Batch, drain } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { train, type TrainOptions } from "../../src/index";
import { oneAhead } from "../../src/loop/one-ahead";
import { toyBatches } from "../toy-network";
import { disposeTraining, pausing, type ToyTraining, toyTraining } from "../toy-training";

const failure = new Error("no such image");

interface Source {
  readonly log?: string[];
  readonly count?: number;
  /** The batch, from 1, in whose place the source throws. */
  readonly fails?: number;
}

/** Batches that tell when each is made, and when their source is done or told to end. */
function* telling({ log = [], count = 3, fails }: Source = {}): Generator<Batch> {
  let made = 0;
  try {
    for (const batch of toyBatches({ count })) {
      if (++made === fails) {
        tf.dispose([batch.images, batch.labels]);
        throw failure;
      }
      log.push(`make ${made}`);
      yield batch;
    }
  } finally {
    log.push("end");
  }
}

async function* later(batches: Iterable<Batch>): AsyncGenerator<Batch> {
  for (const batch of batches) {
    await setImmediate();
    yield batch;
  }
}

const sources = [
  ["made at once", (source?: Source) => telling(source)],
  ["made asynchronously", (source?: Source) => later(telling(source))],
] as const;

function dispose({ images, labels }: Batch): void {
  tf.dispose([images, labels]);
}

describe.each(sources)("batches one ahead, %s", (_, make) => {
  it.each([true, false])("are the same in the same order, prepared: %s", async (prepared) => {
    const batches = oneAhead(make());
    const indices: number[][] = [];
    for await (const batch of batches) {
      indices.push([...batch.indices]);
      if (prepared) batches.prepare();
      if (prepared) batches.prepare(); // one is one, however often it is asked for
      dispose(batch);
    }
    expect(indices).toEqual([...toyBatches({ count: 3 })].map((batch) => [...batch.indices]));
  });

  it("throw where the batch is asked for, and leave no rejection that nobody handles", async () => {
    const log: string[] = [];
    const batches = oneAhead(make({ log, fails: 2 }));
    const pass = async (): Promise<void> => {
      for await (const batch of batches) {
        batches.prepare();
        await setImmediate();
        log.push("use");
        dispose(batch);
      }
    };
    await expect(pass()).rejects.toBe(failure);
    expect(log).toEqual(["make 1", "end", "use"]);
  });

  it("free the one that nobody has asked for, and end their source", async () => {
    const log: string[] = [];
    const batches = oneAhead(make({ log }));
    const before = tf.memory().numTensors;
    for await (const batch of batches) {
      batches.prepare();
      dispose(batch);
      break;
    }
    expect(tf.memory().numTensors).toBe(before);
    expect(log).toEqual(["make 1", "make 2", "end"]);
  });

  it("end quietly when the one that nobody has asked for fails", async () => {
    const batches = oneAhead(make({ fails: 2 }));
    for await (const batch of batches) {
      batches.prepare();
      dispose(batch);
      break;
    }
    await setImmediate();
  });
});

describe.each(sources)("a training on batches %s", (_, make) => {
  const used: ToyTraining[] = [];
  afterEach(() => {
    for (const training of used.splice(0)) disposeTraining(training);
  });

  /** One epoch of three steps that are told of too; `after` is called with each. */
  function logged(log: string[], { fails, after }: Pick<Source, "fails"> & { after?: (step: number) => void } = {}) {
    const source = { log, ...(fails !== undefined && { fails }) };
    const training = toyTraining({ epochs: 1, stepsPerEpoch: 3, reportEvery: 1, batches: () => make(source) });
    used.push(training);
    let step = 0;
    const afterStep = (): void => {
      log.push(`step ${++step}`);
      after?.(step);
    };
    return { ...training, defense: { ...training.defense, afterStep } };
  }

  async function run(log: string[], options: TrainOptions): Promise<void> {
    await drain(train(options), (event) => {
      if (event.kind === "step") log.push(`report ${event.step}`);
    });
  }

  it("makes a batch after the step before it and before that step's loss is waited for", async () => {
    const log: string[] = [];
    await run(log, logged(log));
    const said = log.filter((line) => line !== "end");
    expect(said).toEqual([
      "make 1",
      "step 1",
      "make 2",
      "report 1",
      "step 2",
      "make 3",
      "report 2",
      "step 3",
      "report 3",
    ]);
  });

  it("reports the steps before a batch that fails, then throws, and leaves no tensor", async () => {
    const log: string[] = [];
    const training = logged(log, { fails: 3 });
    await disposingState(training, async () => {
      await expect(run(log, training)).rejects.toBe(failure);
    });
    expect(log.filter((line) => line.startsWith("report"))).toEqual(["report 1", "report 2"]);
  });

  it("frees the batch made ahead when who asked for events goes", async () => {
    const log: string[] = [];
    const training = logged(log);
    await disposingState(training, async () => {
      for await (const event of train(training)) if (event.kind === "step") break;
    });
    expect(log).toEqual(["make 1", "step 1", "make 2", "end"]);
  });

  it("frees the batch made ahead when it is aborted", async () => {
    const log: string[] = [];
    const enough = new Error("enough");
    const controller = new AbortController();
    const stop = (step: number): void => void (step === 2 && controller.abort(enough));
    const training = { ...logged(log, { after: stop }), signal: controller.signal };
    await disposingState(training, async () => {
      await expect(run(log, training)).rejects.toBe(enough);
    });
    expect(log.filter((line) => line !== "report 2")).toEqual([
      "make 1",
      "step 1",
      "make 2",
      "report 1",
      "step 2",
      "make 3",
      "end",
    ]);
  });

  it("makes none ahead once it is to pause", async () => {
    const log: string[] = [];
    const training = pausing(logged(log), 2);
    await disposingState(training, () => run(log, training));
    expect(log).toEqual(["make 1", "step 1", "make 2", "report 1", "step 2", "report 2", "end"]);
  });
});

/** Runs the body, frees what the optimizer keeps, and asserts that nothing else is left. */
async function disposingState({ optimizer }: TrainOptions, body: () => Promise<void>): Promise<void> {
  const before = tf.memory().numTensors;
  await body();
  optimizer.dispose();
  expect(tf.memory().numTensors).toBe(before);
}
