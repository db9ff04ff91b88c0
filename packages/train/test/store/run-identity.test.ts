import { drain } from "@awp/core";
import { afterEach, describe, expect, it } from "vitest";
import { train } from "../../src/index";
import { disposeTraining, type ToyTraining, toyTraining } from "../toy-training";
import { emptyMemory, memoryStore } from "./memory-store";

const used: ToyTraining[] = [];
afterEach(() => {
  for (const training of used.splice(0)) disposeTraining(training);
});

/** Trains with so many micro-batches, then longer with others; with running statistics or without. */
async function resumed([before, after]: readonly [number, number], statistics: boolean): Promise<number> {
  const memory = emptyMemory();
  const run = async (microBatches: number, epochs: number): Promise<number> => {
    const toy = toyTraining({ epochs, microBatches, store: memoryStore(memory), resume: true });
    used.push(toy);
    const network = statistics ? toy.network : { ...toy.network, buffers: new Map() };
    return (await drain(train({ ...toy, network }))).epochs;
  };
  await run(before, 1);
  return run(after, 2);
}

describe("micro-batches in the identity of a run", () => {
  it("are part of it where batch statistics are, by name", async () => {
    await expect(resumed([1, 2], true)).rejects.toThrow("training.microBatches was absent, is 2");
    await expect(resumed([3, 2], true)).rejects.toThrow("training.microBatches was 3, is 2");
    expect(await resumed([2, 2], true)).toBe(2);
  });

  it("may change on a network without running statistics", async () => {
    expect(await resumed([1, 3], false)).toBe(2);
  });
});
