import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { resolveConfig } from "../../src/train/config/resolve";
import type { RunEvent } from "../../src/train/run";
import { tensorBoardOf } from "../../src/train/tensorboard";
import { temporaryFolder } from "../temporary-folder";

const epoch = (number: number): RunEvent => ({
  ...{ kind: "epoch", epoch: number, loss: 2, learningRate: 0.1, seconds: 3 },
  metrics: { natural: 0.5, robust: 0.25 },
});

/** What TensorBoard files there are of a training, as text: tags are written as they are. */
async function written(run: string): Promise<readonly string[]> {
  const folder = join(run, "at/seed-1");
  const names = await readdir(folder).catch(() => []);
  return Promise.all(names.sort().map((name) => readFile(join(folder, name), "latin1")));
}

/** The bytes of `session_log { status: START }`. */
const restart = "\x3a\x02\x08\x01";

test("an event file has the figures of each epoch and those at the end", async () => {
  const run = await temporaryFolder();
  const onlooker = tensorBoardOf(run, resolveConfig(undefined, { epochs: 2 }));
  onlooker.show("at/seed-1", epoch(0));
  onlooker.show("at/seed-1", epoch(1));
  const images = 10;
  onlooker.ended?.("at/seed-1", {
    kind: "done",
    result: {
      ...{ method: "at", seed: 1, best: null, secondsPerStep: null },
      train: { natural: 1, pgd: 0.5, images },
      test: { natural: 0.5, fgsm: 0.25, pgd: 0.25, images },
    },
  });
  const [file = "", ...more] = await written(run);
  expect(more).toEqual([]);
  expect(file.match(/brain\.Event:2|train\/loss|validation\/robust|at the end\/test pgd-20/g)).toEqual([
    ...["brain.Event:2", "train/loss", "validation/robust", "train/loss", "validation/robust"],
    "at the end/test pgd-20",
  ]);
  expect(file).not.toContain(restart);
});

test("a training that goes on has a new file, which makes void what the old one has of its epochs", async () => {
  const run = await temporaryFolder();
  const config = resolveConfig(undefined, {});
  tensorBoardOf(run, config).show("at/seed-1", epoch(5));
  const again = tensorBoardOf(run, config);
  again.show("at/seed-1", { kind: "resumed", epoch: 4, step: 2, place: "there" });
  again.show("at/seed-1", epoch(4));
  const [before, after = "", ...more] = await written(run);
  expect(more).toEqual([]);
  expect(before).not.toContain(restart);
  // Field 2, the step: epoch 5, counted from 1, is the first that comes again.
  expect(after).toContain(`\x10\x05${restart}`);
});
