import { cpSync, readdirSync, readFileSync } from "node:fs";
import type * as FileSystem from "node:fs/promises";
import { join } from "node:path";
import { drain } from "@awp/core";
import { afterAll, describe, expect, it, vi } from "vitest";
import { train } from "../../src/index";
import { runDirectory } from "../../src/node";
import { weightsOf } from "../toy-network";
import { disposeTraining, pausing, storedIn, temporaryFolders, type ToyTraining, toyTraining } from "../toy-training";

/** Stops the world at the n-th access to the disk: a write is left half done, and nothing comes back any more. */
const disk = vi.hoisted(() => ({ accesses: 0, crashAt: Number.POSITIVE_INFINITY, crashed: () => {} }));

vi.mock("node:fs/promises", async (importOriginal) => {
  const real = await importOriginal<typeof FileSystem>();
  type Operation = (...values: never[]) => Promise<unknown>;
  const half = (bytes: unknown) =>
    typeof bytes === "string" ? bytes.slice(0, 20) : (bytes as Uint8Array).subarray(0, 20);

  const watched =
    (operation: Operation, partly?: (...values: unknown[]) => Promise<unknown>): Operation =>
    async (...values) => {
      if (disk.accesses++ < disk.crashAt) return operation(...values);
      await partly?.(...values);
      disk.crashed();
      return new Promise(() => {});
    };
  const open = async (...values: Parameters<typeof real.open>) => {
    const file = await real.open(...values);
    file.truncate = watched(file.truncate.bind(file), () => file.close()) as typeof file.truncate;
    return file;
  };
  return {
    ...real,
    open: watched(open),
    rename: watched(real.rename),
    rm: watched(real.rm),
    mkdir: watched(real.mkdir),
    appendFile: watched(real.appendFile, (path, text) => real.appendFile(path as string, half(text))),
    writeFile: watched(real.writeFile, (path, content) => real.writeFile(path as string, half(content))),
  };
});

const folders = temporaryFolders();
afterAll(() => folders.remove());

const accuracy = [0.3, 0.5, 0.6];

const used: ToyTraining[] = [];

/** Trains in the directory, paused after so many steps and gone on with; the final weights. */
async function lives(directory: string, pauseAfter: number): Promise<readonly number[]> {
  const toy = toyTraining({
    epochs: 3,
    evaluate: (_network, epoch) => Promise.resolve({ robust: accuracy[epoch] as number }),
    selection: { metric: "robust", on: "validation" },
    store: runDirectory(directory),
    checkpointEvery: 2,
    resume: true,
  });
  used.push(toy);
  const { paused } = await drain(train(pausing(toy, pauseAfter)));
  return paused ? lives(directory, Number.POSITIVE_INFINITY) : weightsOf(toy.network);
}

/** Trains until the end or the crash; the final weights, if it came to the end. */
async function run(directory: string, pauseAfter = Number.POSITIVE_INFINITY, crashAt = Number.POSITIVE_INFINITY) {
  const crash = new Promise<undefined>((resolve) => {
    Object.assign(disk, { accesses: 0, crashAt, crashed: () => resolve(undefined) });
  });
  try {
    return await Promise.race([lives(directory, pauseAfter), crash]);
  } finally {
    for (const training of used.splice(0)) disposeTraining(training);
  }
}

describe("a training that is paused and crashes at any access to the disk", () => {
  it("goes on to the weights, metrics and files of an unbroken one", async () => {
    const unbroken = folders.make();
    const weights = await run(unbroken);
    const stored = storedIn(unbroken);
    expect(Object.keys(stored)).toEqual([
      "best/epoch-0003/model.safetensors",
      "best/epoch-0003/optimizer.safetensors",
      "best/epoch-0003/state.json",
      "checkpoints/epoch-0003/model.safetensors",
      "checkpoints/epoch-0003/optimizer.safetensors",
      "checkpoints/epoch-0003/state.json",
      "metrics.jsonl",
    ]);

    const pauseAfter = 5; // after the first step of the third epoch
    await run(folders.make(), pauseAfter);
    const accesses = disk.accesses;
    for (let crashAt = 0; crashAt < accesses; crashAt++) {
      const directory = folders.make();
      expect(await run(directory, pauseAfter, crashAt)).toBeUndefined();
      expect(await run(directory), `after a crash at access ${crashAt}`).toEqual(weights);
      expect(storedIn(directory), `after a crash at access ${crashAt}`).toEqual(stored);
    }
  });

  it("does so after a second crash, while it cuts back what the first one left", async () => {
    const unbroken = folders.make();
    const weights = await run(unbroken);
    let crashed = unbroken;
    // The last epoch's metrics are written, and its checkpoint is not.
    for (let crashAt = disk.accesses; checkpointsIn(crashed).includes("epoch-0003"); crashAt--) {
      crashed = folders.make();
      await run(crashed, Number.POSITIVE_INFINITY, crashAt);
    }
    expect(readFileSync(join(crashed, "metrics.jsonl"), "utf8").trim().split("\n")).toHaveLength(3);

    let atEnd: readonly number[] | undefined;
    for (let crashAt = 0; atEnd === undefined; crashAt++) {
      const directory = folders.make();
      cpSync(crashed, directory, { recursive: true });
      atEnd = await run(directory, Number.POSITIVE_INFINITY, crashAt);
      expect(atEnd ?? (await run(directory)), `after a crash at access ${crashAt}`).toEqual(weights);
      expect(storedIn(directory), `after a crash at access ${crashAt}`).toEqual(storedIn(unbroken));
    }
  });
});

function checkpointsIn(directory: string): readonly string[] {
  return readdirSync(join(directory, "checkpoints"));
}
