import { ArgumentError, AwpError, drain } from "@awp/core";
import { afterEach, describe, expect, expectTypeOf, it } from "vitest";
import {
  type Position,
  type RunStore,
  sgd,
  type StoredCheckpoint,
  type TrainEvent,
  type TrainOptions,
  train,
} from "../../src/index";
import { weightsOf } from "../toy-network";
import { disposeTraining, pausing, type ToyTraining, toyTraining } from "../toy-training";
import { emptyMemory, type Memory, memoryStore } from "./memory-store";

const used: ToyTraining[] = [];
afterEach(() => {
  for (const training of used.splice(0)) disposeTraining(training);
});

const accuracy = [0.3, 0.5, 0.4, 0.6];

/**
 * Trains four epochs with the store and resumes what it holds; the events and the final weights. Paused after so many steps,
 * it goes on in a second life.
 */
async function run(store: RunStore, options: Partial<ToyTraining> = {}, pauseAfter = Number.POSITIVE_INFINITY) {
  const toy = toyTraining({
    epochs: 4,
    evaluate: (_network, epoch) => Promise.resolve({ robust: accuracy[epoch] as number }),
    selection: { metric: "robust", on: "validation" },
    store,
    checkpointEvery: 2,
    resume: true,
  });
  const training = pausing({ ...toy, ...options }, pauseAfter);
  used.push(toy, training);
  const events: TrainEvent[] = [];
  const summary = await drain(train(training), (event) => events.push(event));
  if (summary.paused) return run(store, options);
  return { events, summary, weights: weightsOf(training.network) };
}

/** What a memory holds, but for the time it took. */
function contentsOf({ entries, metrics }: Memory) {
  return {
    entries: [...entries].map(([place, files]) => [place, [...files].map(([name, bytes]) => [name, [...bytes]])]),
    metrics: metrics.map((line) => line.replace(/"seconds":[^,]+,/, "")),
  };
}

/** A memory whose training was killed at its n-th change, and how many changes there were. */
async function killedAt(
  change: number,
  pauseAfter?: number,
): Promise<{ memory: Memory; changes: number; finished: boolean }> {
  const memory = emptyMemory();
  let changes = 0;
  const killed = Symbol("killed");
  let kill: (value: typeof killed) => void;
  const death = new Promise<typeof killed>((resolve) => (kill = resolve));
  const store = memoryStore(memory, () => {
    if (changes++ !== change) return Promise.resolve();
    kill(killed);
    return new Promise(() => {});
  });
  const end = await Promise.race([run(store, {}, pauseAfter), death]);
  return { memory, changes, finished: end !== killed };
}

describe("a training in a store of the user's own", () => {
  it("files its newest checkpoint, its best epoch and a line of metrics per epoch there", async () => {
    const memory = emptyMemory();
    const { events, summary } = await run(memoryStore(memory));
    expect([...memory.entries.keys()]).toEqual(["best/4+0", "checkpoint/4+0"]);
    expect(memory.metrics.map((line) => (JSON.parse(line) as { epoch: number }).epoch)).toEqual([0, 1, 2, 3]);
    const places = events.flatMap((event) => ("place" in event ? [[event.kind, event.place]] : []));
    expect(places).toEqual([
      ["best", "best/1+0"],
      ["best", "best/2+0"],
      ["checkpoint", "checkpoint/2+0"],
      ["best", "best/4+0"],
      ["checkpoint", "checkpoint/4+0"],
    ]);
    expect(summary.bestPlace).toBe("best/4+0");
  });

  it("goes on to the weights and the contents of an unbroken one, wherever it was killed or paused", async () => {
    const { memory: unbroken } = await killedAt(Number.POSITIVE_INFINITY);
    const { weights } = await run(memoryStore(emptyMemory()));
    const { changes, finished } = await killedAt(Number.POSITIVE_INFINITY, 5);
    expect(finished).toBe(true);
    for (let change = 0; change < changes; change++) {
      const { memory, finished: early } = await killedAt(change, 5);
      expect(early).toBe(false);
      expect((await run(memoryStore(memory))).weights, `killed at change ${change}`).toEqual(weights);
      expect(contentsOf(memory), `killed at change ${change}`).toEqual(contentsOf(unbroken));
    }
  });

  it("names its place when a run is there already, and the entry that is of another training or damaged", async () => {
    const memory = emptyMemory();
    await run(memoryStore(memory));
    const again = run(memoryStore(memory), { resume: false });
    await expect(again).rejects.toThrow(ArgumentError);
    await expect(again).rejects.toThrow('store: got "memory", want one without a run, or resume: true');
    await expect(run(memoryStore(memory), { optimizer: sgd() })).rejects.toThrow(
      "checkpoint/4+0 is of another training",
    );
    const files = memory.entries.get("checkpoint/4+0")!;
    memory.entries.set("checkpoint/4+0", new Map([...files].filter(([name]) => name !== "state.json")));
    const damaged = run(memoryStore(memory));
    await expect(damaged).rejects.toThrow(AwpError);
    await expect(damaged).rejects.toThrow("checkpoint/4+0 has no state.json");
  });
});

describe("the type of RunStore", () => {
  it("knows places, positions and bytes, and nothing of training", () => {
    expectTypeOf<TrainOptions["store"]>().toEqualTypeOf<RunStore | undefined>();
    expectTypeOf<RunStore["newest"]>().returns.resolves.toEqualTypeOf<StoredCheckpoint | undefined>();
    expectTypeOf<RunStore["write"]>().parameters.toEqualTypeOf<
      ["checkpoint" | "best", Position, ReadonlyMap<string, Uint8Array>]
    >();
    expectTypeOf<keyof RunStore>().toEqualTypeOf<
      "place" | "placeOf" | "holdsRun" | "newest" | "write" | "appendMetrics" | "cutBack" | "prune"
    >();
  });
});
