import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readWorld } from "@awp/distributed";
import { bundle } from "@awp/testing";
import { afterAll, describe, expect, test, vi } from "vitest";
import { launch } from "../../src/ranks/launch";
import { temporaryFolder } from "../temporary-folder";

const { paths, remove } = await bundle([fileURLToPath(new URL("launcher.ts", import.meta.url))]);
afterAll(remove);

interface Launched {
  /** Sends a signal to the launcher, or as a terminal does to all. */
  readonly kill: (signal: NodeJS.Signals, to?: "all") => void;
  /** Waits until all ranks have noted what they are. */
  readonly up: () => Promise<readonly Noted[]>;
  readonly lines: () => readonly string[];
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

interface Noted {
  readonly rank: string;
  readonly pid: number;
}

async function launched(behaviour: string, env: NodeJS.ProcessEnv = {}): Promise<Launched> {
  const file = join(await temporaryFolder(), "notes");
  const child = spawn(process.execPath, [...paths, behaviour, file], {
    env: { ...process.env, NO_COLOR: "1", OMP_NUM_THREADS: undefined, ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const written = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => (written[stream] += text));
  }
  const lines = (): readonly string[] => (existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : []);
  const noted = (): Noted[] => lines().flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Noted] : []));
  return {
    kill: (signal, to) => void process.kill(to === "all" ? -child.pid! : child.pid!, signal),
    async up() {
      await vi.waitUntil(() => noted().length === 3, { timeout: 20_000, interval: 20 });
      return noted().sort((a, b) => Number(a.rank) - Number(b.rank));
    },
    lines,
    ended: new Promise((resolve) => child.on("close", (code) => resolve({ code, ...written }))),
  };
}

const lives = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe("processes that were launched together", { timeout: 60_000 }, () => {
  test("have torchrun's variables, and share the cores", async () => {
    const { ended, up } = await launched("look");
    expect(await ended).toEqual({ code: 0, stdout: "rank 0\n", stderr: "" });
    const shared = {
      WORLD_SIZE: "3",
      MASTER_ADDR: "127.0.0.1",
      OMP_NUM_THREADS: expect.stringMatching(/^[1-9]\d*$/) as string,
    };
    expect(await up()).toMatchObject(["0", "1", "2"].map((rank) => ({ rank, LOCAL_RANK: rank, ...shared })));
  });

  test("are not launched by one that another launcher has started", async () => {
    const ids = { SLURM_JOB_ID: "7", SLURM_STEP_ID: "0", SLURM_PROCID: "0", SLURM_LOCALID: "0" };
    const world = readWorld({ ...ids, SLURM_STEP_NUM_TASKS: "2", SLURM_STEP_NODELIST: "node001" });
    await expect(launch(2, process, world)).rejects.toThrow("srun has done that already");
  });

  test.each([
    ["a shell that srun has started", { SLURM_STEP_NUM_TASKS: "1", SLURM_PROCID: "0", SLURM_LOCALID: "0" }],
    ["torchrun's one process", { WORLD_SIZE: "1", RANK: "0", LOCAL_RANK: "0" }],
  ])("are launched from %s", async (_what, variables) => {
    const { ended, up } = await launched("look", variables);
    expect(await ended).toEqual({ code: 0, stdout: "rank 0\n", stderr: "" });
    expect(await up()).toMatchObject(["0", "1", "2"].map((rank) => ({ rank, LOCAL_RANK: rank, WORLD_SIZE: "3" })));
  });

  test("say an error that all have once", async () => {
    const { ended } = await launched("all-fail");
    expect(await ended).toEqual({ code: 2, stdout: "", stderr: "error: no such file\n" });
  });

  test("end soon after one has failed", async () => {
    const { ended, up } = await launched("one-is-killed");
    expect(await ended).toEqual({ code: 1, stdout: "", stderr: "rank 2: error: rank 2 ended with SIGKILL\n" });
    for (const { pid } of await up()) expect(lives(pid)).toBe(false);
  });

  test.each([
    ["wait", 3, 3],
    ["look-on", 130, 0],
  ])("all hear a signal: %s", async (behaviour, exitCode, heard) => {
    const { kill, up, ended, lines } = await launched(behaviour);
    await up();
    kill("SIGTERM");
    expect(await ended).toEqual({ code: exitCode, stdout: "", stderr: "" });
    expect(lines().filter((line) => line === "SIGTERM")).toHaveLength(heard);
  });

  test("go when who has launched them is killed", async () => {
    const { kill, up, lines, ended } = await launched("attend");
    const ranks = await up();
    const attending = (): boolean => lines().filter((line) => line === "attends").length === 3;
    await vi.waitUntil(attending, { timeout: 30_000, interval: 20 });
    expect(ranks.every(({ pid }) => lives(pid))).toBe(true);
    kill("SIGKILL");
    await ended;
    await vi.waitUntil(() => !ranks.some(({ pid }) => lives(pid)), { timeout: 10_000, interval: 20 });
  });

  test("that do not hear a second Ctrl-C are killed", async () => {
    const { kill, up, ended } = await launched("deaf");
    const ranks = await up();
    kill("SIGINT", "all");
    await new Promise((resolve) => setTimeout(resolve, 500)); // sooner it would be the same key press
    kill("SIGINT", "all");
    expect((await ended).code).toBe(130);
    for (const { pid } of ranks) expect(lives(pid)).toBe(false);
  });
});
