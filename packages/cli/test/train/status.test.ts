import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readStatus } from "../../src/runs/status-file";
import type { RunEvent } from "../../src/train/run";
import { statusOf } from "../../src/train/status";
import { temporaryFolder } from "../temporary-folder";

const step = (at: number): RunEvent => ({
  ...{ kind: "step", epoch: 2, step: at, stepsPerEpoch: 9, loss: 1.5, learningRate: 0.1, secondsPerStep: 1 },
});

test("the status of a run is written once a second and at every turn", async () => {
  const run = await temporaryFolder();
  let now = 5000;
  const status = statusOf(run, undefined, () => now);
  const own = async () => (await readStatus(run))?.trainings["at/seed-1"];
  expect(await readStatus(run)).toEqual({ state: "running", at: 5000, trainings: {} });
  status.show("at/seed-1", step(1));
  expect(await own()).toBeUndefined();
  now += 1000;
  status.show("at/seed-1", step(4));
  expect(await own()).toEqual({ state: "training", epoch: 2, step: 4, stepsPerEpoch: 9, loss: 1.5 });
  status.show("at/seed-1", { kind: "epoch", epoch: 2, loss: 1, learningRate: 0.1, seconds: 1, metrics: {} });
  expect(await own()).toMatchObject({ state: "training", epoch: 3, step: 0 });
  status.show("at/seed-1", { kind: "evaluating", what: "train" });
  expect(await own()).toMatchObject({ state: "evaluating" });
  status.ended?.("at/seed-1", { kind: "paused", at: { epoch: 3, step: 0 } });
  status.end("paused");
  expect(await readStatus(run)).toMatchObject({ state: "paused", trainings: { "at/seed-1": { state: "paused" } } });
});

test("a status that cannot be written ends no training", async () => {
  const file = join(await temporaryFolder(), "file");
  await writeFile(file, "");
  expect(() => statusOf(file).end("done")).not.toThrow();
});
