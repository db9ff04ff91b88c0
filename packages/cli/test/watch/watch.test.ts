import { appendFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type RunStatus, writeStatus } from "../../src/runs/status-file";
import { follow } from "../../src/watch/follow";
import { snapshotOf } from "../../src/watch/snapshot";
import { startAwp } from "../child";
import { lineOf, metricsOf, write } from "../runs/written-run";
import { temporaryFolder } from "../temporary-folder";
import { awp } from "../written";

const config = "methods: [at, at-awp]\nepochs: 3\nbackend: wasm\n";
const own = { state: "training", epoch: 1, step: 4, stepsPerEpoch: 8, loss: 1.5 } as const;

async function written(state: RunStatus["state"], trainings: RunStatus["trainings"] = {}): Promise<string> {
  const run = await temporaryFolder();
  await write(run, { "config.yaml": config, "at/seed-1/metrics.jsonl": metricsOf(1) });
  writeStatus(run, { state, at: Date.now(), trainings });
  return run;
}

describe("a snapshot", () => {
  test("has the step within the epoch that follows those that are done", async () => {
    const run = await written("running", { "at/seed-1": own });
    const { state, trainings } = await snapshotOf(run);
    expect(state).toBe("running");
    expect(trainings).toMatchObject([
      { name: "AT", state: "training", within: { step: 4, stepsPerEpoch: 8, loss: 1.5 } },
      { name: "AT-AWP", state: "waiting", within: null, done: [] },
    ]);
    // The epoch's line is there before the status tells of the next one.
    await appendFile(join(run, "at/seed-1/metrics.jsonl"), lineOf(1));
    expect((await snapshotOf(run)).trainings[0]).toMatchObject({ within: null, done: [{ epoch: 1 }, { epoch: 2 }] });
  });

  test("of one training is done when that is, whatever the others do", async () => {
    const run = await written("running", { "at/seed-1": { ...own, state: "done" } });
    expect((await snapshotOf(join(run, "at/seed-1"))).state).toBe("done");
    expect((await snapshotOf(run)).state).toBe("running");
  });

  test("of a run that was paused says so of what was not done", async () => {
    const run = await written("paused", { "at/seed-1": { ...own, state: "done" }, "at-awp/seed-1": own });
    const { state, trainings } = await snapshotOf(run);
    expect([state, ...trainings.map((each) => each.state)]).toEqual(["paused", "done", "paused"]);
  });

  test("of a run without a status knows by its results that it is done", async () => {
    const run = await temporaryFolder();
    await write(run, { "config.yaml": config, "at/seed-1/metrics.jsonl": metricsOf(3) });
    expect((await snapshotOf(run)).state).toBe("running");
    await write(run, { "results.json": { results: [] } });
    expect((await snapshotOf(run)).state).toBe("done");
  });
});

test("a run is followed through lines, cuts and files put in place of others", async () => {
  const run = await written("running");
  const metrics = join(run, "at/seed-1/metrics.jsonl");
  const controller = new AbortController();
  const changes = [
    () => appendFile(metrics, lineOf(1)),
    () => appendFile(metrics, lineOf(2).slice(0, 20)), // and then the process was killed
    async () => {
      await writeFile(`${metrics}.partial`, metricsOf(1));
      await rename(`${metrics}.partial`, metrics);
    },
  ];
  const seen: number[] = [];
  for await (const { trainings } of follow(run, controller.signal)) {
    seen.push(trainings[0]?.done.length ?? -1);
    const change = changes.shift();
    if (change === undefined) controller.abort();
    else await change();
  }
  expect(seen).toEqual([1, 2, 2, 1]);
});

describe("awp watch", () => {
  test("prints a line for each epoch where there is no terminal, and how it ended", async () => {
    const half = { natural: 0.5, fgsm: 0.5, pgd: 0.25, images: 8 };
    const run = await written("done");
    await write(run, { "results.json": { results: [{ method: "at", seed: 1, train: half, test: half }] } });
    const { code, stdout } = await awp("watch", join(run, "at/seed-1"));
    expect(code).toBe(0);
    expect(stdout.split("\n")).toEqual([
      "AT  epoch 1/3  loss 2.000  validation: natural 30.0 %, robust 20.0 %  1.5 s",
      expect.stringMatching(/^AT: done after 1 of 3 epochs; train: natural 50\.0 %, pgd-20 25\.0 %; test: natural/),
      "",
    ]);
  });

  test("refuses what is no run, and a port without a page", async () => {
    const folder = await temporaryFolder();
    const { code, stderr } = await awp("watch", folder);
    expect(code).toBe(1);
    expect(stderr).toContain("no run; wanted");
    expect(await awp("watch", folder, "--port", "1")).toMatchObject({ code: 2 });
  });

  test("ends at once at Ctrl-C, while the training goes on", { timeout: 60_000 }, async () => {
    const run = await written("running", { "at/seed-1": own });
    const running = startAwp(["watch", run]);
    await new Promise((resolve) => running.child.stdout?.once("data", resolve));
    running.signalAll("SIGINT");
    expect(await running.ended).toMatchObject({ code: 130, stderr: "" });
  });

  test("follows a training to its end", { timeout: 120_000 }, async () => {
    const folder = await temporaryFolder();
    const size = { data: { size: 8, train: 60, validation: 8, test: 8 }, attack: { steps: 1 }, batchSize: 10 };
    await write(folder, {
      "train.json": { ...size, evaluation: { steps: 1 }, methods: ["at"], epochs: 2, backend: "wasm" },
    });
    const training = startAwp(["train", "--config", "train.json", "--output", "run", "--quiet"], { cwd: folder });
    const run = join(folder, "run");
    while ((await snapshotOf(run).catch(() => undefined)) === undefined) await setTimeout(50);
    const watching = await startAwp(["watch", "run"], { cwd: folder }).ended;
    expect((await training.ended).code).toBe(0);
    expect(watching).toMatchObject({ code: 0, stderr: "" });
    expect(watching.stdout).toMatch(/^AT {2}epoch 1\/2 .*\nAT {2}epoch 2\/2 .*\nAT: done; train: natural .*\n$/);
  });
});
