import { execFile, fork } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const node = ["--import", "tsx", "--conditions=@awp/source"];
const small = ["--data", "cifar", "--epochs", "4", "--batch-size", "18", "--steps", "1", "--backend", "wasm"];

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "awp-demo-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** A few images of noise in CIFAR-10's layout: what is learnt does not matter here. */
async function writeImages(): Promise<void> {
  const file = (count: number): Uint8Array =>
    Uint8Array.from({ length: count * 3073 }, (_, i) => (i % 3073 === 0 ? (i / 3073) % 10 : (i * 7919) % 256));
  await mkdir(join(folder, "cifar"));
  await writeFile(join(folder, "cifar", "data_batch_1.bin"), file(60));
  await writeFile(join(folder, "cifar", "test_batch.bin"), file(20));
}

async function demo(...args: string[]): Promise<{ stdout: string; stderr: string; code: number }> {
  const env = { ...process.env, INIT_CWD: folder };
  return promisify(execFile)(process.execPath, [...node, main, ...args], { env }).then(
    ({ stdout, stderr }) => ({ stdout, stderr, code: 0 }),
    (error: { stdout: string; stderr: string; code: number }) => error,
  );
}

const weightsOf = (run: string, method: string): Promise<Buffer> =>
  readFile(join(folder, "runs", run, method, "checkpoints", "epoch-0004", "model.safetensors"));

test("the demo trains both, prints the table, keeps results; killed and resumed it ends with the same weights", async () => {
  await writeImages();
  const { stdout, code } = await demo(...small);
  expect(code).toBe(0);
  expect(stdout).toMatch(/train PGD-20 .* robust gap/);
  expect(stdout).toMatch(/^ *AT-AWP( +-?\d+\.\d %){6} +\d+$/m);
  const results = JSON.parse(await readFile(join(folder, "runs", "at-awp-1", "results.json"), "utf8")) as {
    results: { method: string; test: { pgd20: number } }[];
  };
  expect(results.results.map(({ method }) => method)).toEqual(["at", "at-awp"]);

  await killedAfterACheckpoint();
  const resumed = await demo("--resume", "--backend", "wasm");
  expect(resumed.stdout).toMatch(/resumed at epoch \d/);
  expect(resumed.code).toBe(0);
  for (const method of ["at", "at-awp"]) {
    expect((await weightsOf("at-awp-2", method)).equals(await weightsOf("at-awp-1", method)), method).toBe(true);
  }
});

/** Starts a second run and kills it, and with it its two processes, once both have a checkpoint. */
async function killedAfterACheckpoint(): Promise<void> {
  const child = fork(main, small, { execArgv: node, env: { ...process.env, INIT_CWD: folder }, silent: true });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const stored = async (method: string): Promise<boolean> => {
    const names = await readdir(join(folder, "runs", "at-awp-2", method, "checkpoints")).catch(() => []);
    return names.some((name) => /^epoch-\d+$/.test(name));
  };
  while (!((await stored("at")) && (await stored("at-awp")))) await setTimeout(10);
  child.kill("SIGKILL");
  await exited;
  await setTimeout(500); // the two processes notice that their parent is gone
}

test("a wrong option ends the demo with one line and leaves nothing", async () => {
  const { stderr, code } = await demo("--model", "resnet");
  expect(code).toBe(1);
  expect(stderr.trim().split("\n")).toEqual([expect.stringContaining('model: got "resnet", want small-cnn')]);
  expect(await readdir(folder)).toEqual([]);
});

test("the demo names a folder without images before anything is written", async () => {
  const { stderr, code } = await demo("--data", "nowhere", "--backend", "cpu");
  expect(code).toBe(1);
  expect(stderr).toContain(join(folder, "nowhere"));
  expect(await readdir(folder)).toEqual([]);
});
