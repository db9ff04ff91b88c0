import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, watch } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle, skipLong } from "@awp/testing";
import { afterAll, describe, expect, it } from "vitest";
import { storedIn, temporaryFolders } from "../toy-training";

const program = await bundle([fileURLToPath(new URL("kill-child.ts", import.meta.url))]);
afterAll(program.remove);
const folders = temporaryFolders();
afterAll(() => folders.remove());

type Backend = "cpu" | "wasm";
interface Life {
  readonly kill: () => void;
  /** Ends it with a checkpoint after the running step. */
  readonly pause: () => void;
  /** Calls back at each line that the training prints. */
  readonly onLine: (callback: (line: string) => void) => void;
}

/** Trains in a process of its own; `meddle` may kill it. True if it came to its end. */
function live(directory: string, backend: Backend, epochs: number, meddle: (life: Life) => void): Promise<boolean> {
  const child = spawn(process.execPath, [...program.paths, directory, backend, String(epochs)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let complaint = "";
  child.stderr.on("data", (text: Buffer) => {
    complaint += text.toString();
  });
  meddle({
    kill: () => child.kill("SIGKILL"),
    pause: () => child.kill("SIGTERM"),
    onLine: (callback) =>
      child.stdout.on("data", (text: Buffer) => {
        for (const line of text.toString().trim().split("\n")) callback(line);
      }),
  });
  return new Promise((resolve, reject) => {
    child.on("close", (code, signal) => {
      if (code === 0 || code === 143 || signal === "SIGKILL") resolve(code === 0);
      else reject(new Error(complaint));
    });
  });
}

/** At any moment of the first epochs of this life, its start included. */
function atRandom({ kill, onLine }: Life): void {
  onLine((line) => {
    if (line === "ready") setTimeout(kill, randomInt(0, 400));
  });
}

/** After some step, with a pause; every other time it is killed while it still writes the checkpoint, or soon after. */
function withinAnEpoch({ kill, pause, onLine }: Life): void {
  let left = randomInt(1, 12);
  onLine((line) => {
    if (line !== "step" || --left !== 0) return;
    pause();
    if (randomInt(2) === 0) setTimeout(kill, randomInt(0, 60));
  });
}

/** As soon as some directory is on its way in or out. */
function whileWriting(directory: string): (life: Life) => void {
  return ({ kill }) => {
    let left = randomInt(2, 8);
    for (const parent of ["checkpoints", "best"]) {
      mkdirSync(join(directory, parent), { recursive: true });
      const watcher = watch(join(directory, parent), (_event, name) => {
        if (name?.endsWith(".partial") !== true || --left > 0) return;
        kill();
        watcher.close();
      });
      watcher.unref();
    }
  };
}

/** Whether the directory has an entry, or one on its way in or out, whose name says so. */
function holds(directory: string, name: RegExp): boolean {
  const parents = ["checkpoints", "best"].map((parent) => join(directory, parent)).filter(existsSync);
  return parents.some((parent) => readdirSync(parent).some((entry) => name.test(entry)));
}

const halfDone = /\.partial$/;
const midEpoch = /-step-\d+$/;

/**
 * Trains under a killer until it has struck so many times, so many of them leaving an entry of such a name, and the
 * training has ended; compares with an unbroken training. A training that ends too early is followed by another one.
 */
async function chain(
  backend: Backend,
  { kills, leaving, times }: { readonly kills: number; readonly leaving: RegExp; readonly times: number },
  killer: (directory: string) => (life: Life) => void,
) {
  const epochs = 20;
  const unbroken = folders.make();
  const reference = live(unbroken, backend, epochs, () => undefined);
  const struck = { kills: 0, times: 0 };
  const enough = () => struck.kills >= kills && struck.times >= times;
  while (!enough()) {
    const broken = folders.make();
    while (!(await live(broken, backend, epochs, enough() ? () => undefined : killer(broken)))) {
      struck.kills++;
      if (holds(broken, leaving)) struck.times++;
    }
    expect(await reference).toBe(true);
    expect(storedIn(broken)).toEqual(storedIn(unbroken));
  }
}

describe("a training that is killed", () => {
  it("ends with the files of an unbroken one after at least 6 kills, some within an epoch", async () => {
    await Promise.all([
      chain("cpu", { kills: 3, leaving: halfDone, times: 1 }, whileWriting),
      chain("wasm", { kills: 3, leaving: midEpoch, times: 2 }, () => withinAnEpoch),
    ]);
  }, 300_000);

  it("ends with the files of an unbroken one after at least 33 kills, some while a checkpoint is written", async (context) => {
    skipLong("33 lives of a training", context); // at every single access to the disk it dies in crash.test.ts
    await Promise.all([
      chain("cpu", { kills: 11, leaving: halfDone, times: 3 }, whileWriting),
      chain("wasm", { kills: 11, leaving: halfDone, times: 0 }, () => atRandom),
      chain("cpu", { kills: 11, leaving: midEpoch, times: 5 }, () => withinAnEpoch),
    ]);
  }, 300_000);
});
