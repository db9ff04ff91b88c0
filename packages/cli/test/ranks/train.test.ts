import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeSafetensors, useBackend } from "@awp/core";
import { relativeDeviation, skipWithoutEngine } from "@awp/testing";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { type Running, startAwp } from "../child";
import { temporaryFolder } from "../temporary-folder";

const settings = {
  data: { size: 8, train: 48, validation: 8, test: 8 },
  methods: ["at-awp"],
  attack: { steps: 1 },
  evaluation: { steps: 1 },
  // Rows that two ranks share unevenly, and a weight attack in the second epoch.
  batchSize: 15,
  epochs: 2,
  warmupEpochs: 1,
  ranks: { batchNorm: "synchronised" },
  backend: "torch",
};

let folder = "";
beforeEach(async (context) => {
  await skipWithoutEngine(useBackend("torch"), context);
  folder = await temporaryFolder();
});

function start(run: string, changed: object, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const file = join(folder, `${run}.json`);
  writeFileSync(file, JSON.stringify({ ...settings, ...changed }));
  return startAwp(["train", "--config", file, "--output", run, ...args], { cwd: folder, env });
}

/** The processes that a process has started. */
function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
}

const lives = (pid: number): boolean => existsSync(`/proc/${pid}/exe`);

function weightsOf(run: string, epoch: string): readonly Float32Array[] {
  const file = join(folder, run, "at-awp/seed-1/checkpoints", epoch, "model.safetensors");
  const { entries } = decodeSafetensors(readFileSync(file), file);
  return [...entries.values()].flatMap(({ data }) => (data instanceof Float32Array ? [data] : []));
}

describe("awp train over ranks", { timeout: 240_000 }, () => {
  test("comes to the weights of one process, and prints once", async () => {
    const two = await start("two", {}, ["--processes", "2"]).ended;
    expect(two.code, two.stderr).toBe(0);
    expect(two.stderr).toMatch(/^Training small-cnn .* on torch, 2 processes together/);
    expect(two.stderr.match(/kept in two/g)).toHaveLength(1);
    expect(two.stdout.match(/^AT-AWP/gm)).toHaveLength(1);
    expect(readdirSync(join(folder, "two")).sort()).toEqual(["at-awp", "config.yaml", "results.json", "status.json"]);

    const one = await start("one", {}, []).ended;
    expect(one.code, one.stderr).toBe(0);
    const [together, alone] = [weightsOf("two", "epoch-0002"), weightsOf("one", "epoch-0002")];
    expect(together).toHaveLength(alone.length);
    for (const [k, weights] of together.entries()) expect(relativeDeviation(weights, alone[k]!)).toBeLessThan(2e-5);
  });

  test("ends with one of them, is asked for again by Slurm, and goes on alone", async () => {
    const long = { epochs: 60, checkpointEvery: 1, warmupEpochs: 0 };
    const metrics = join(folder, "run/at-awp/seed-1/metrics.jsonl");
    const epochs = () => (existsSync(metrics) ? readFileSync(metrics, "utf8").split("\n").length - 1 : 0);
    const bin = join(folder, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "scontrol"), `#!/bin/sh\necho "$@" >> ${join(folder, "asked")}\n`);
    chmodSync(join(bin, "scontrol"), 0o755);
    const env = { PATH: `${bin}:${process.env["PATH"]}`, SLURM_JOB_ID: "42" };
    const together = ["--processes", "2", "--requeue"];

    const first = start("run", long, together, env);
    await vi.waitUntil(() => epochs() >= 2, { timeout: 60_000, interval: 20 });
    const ranks = childrenOf(first.child.pid!);
    expect(ranks).toHaveLength(2);
    process.kill(ranks[1]!, "SIGKILL");
    const lost = await first.ended;
    expect([lost.code, lost.stdout]).toEqual([1, ""]);
    expect(lost.stderr).toMatch(/^error: .*rank 1 is gone/m);
    expect(lost.stderr).toMatch(/^rank 1: error: rank 1 ended with SIGKILL$/m);
    expect(ranks.filter(lives)).toEqual([]);
    const kept = epochs();

    // The same command, as Slurm starts a job again.
    const second = start("run", long, together, env);
    await vi.waitUntil(() => epochs() > kept, { timeout: 60_000, interval: 20 });
    // To one of them alone, and not to the one that asks.
    process.kill(childrenOf(second.child.pid!)[1]!, "SIGUSR1");
    const paused = await second.ended;
    expect(paused.code, paused.stderr).toBe(3);
    expect(paused.stderr).toMatch(/resumed in epoch [2-9]/);
    expect(paused.stderr).toContain("Ended early by rank 1: SIGUSR1; go on with");
    expect(paused.stderr).toContain("--requeue: job 42 is queued again");
    expect(readFileSync(join(folder, "asked"), "utf8")).toBe("requeue 42\n");
    const before = epochs();

    const third = startAwp(["train", "--resume", "--output", "run"], { cwd: folder });
    await vi.waitUntil(() => epochs() > before, { timeout: 60_000, interval: 20 });
    third.child.kill("SIGTERM");
    const alone = await third.ended;
    expect(alone.code, alone.stderr).toBe(3);
    expect(alone.stderr).toMatch(/resumed in epoch/);
  });

  test.each([[[]], [["--processes", "2"]]])("is paused while it fetches the data: %j", async (processes) => {
    const endless = `globalThis.fetch = (_url, { signal }) => new Promise((_, reject) => {
      const stay = setInterval(() => {}, 1000);
      signal.addEventListener("abort", () => {
        clearInterval(stay);
        reject(signal.reason);
      });
      process._rawDebug("fetches");
    })`;
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(endless)}`, SLURM_JOB_ID: "" };
    const data = { name: "cifar10", directory: folder };
    const { child, ended } = start("run", { data }, ["--download", "--requeue", ...processes], env);
    const fetching = new Promise<void>((resolve) => {
      child.stderr?.on("data", (text: string) => void (text.includes("fetches") && resolve()));
    });
    await Promise.race([fetching, ended]);
    child.kill("SIGUSR1");
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(3);
    expect(stderr).toContain("interrupted by SIGUSR1: the same command goes on from what is fetched");
    expect(stderr.match(/--requeue: not in a job of Slurm/g)).toHaveLength(1);
  });
});
