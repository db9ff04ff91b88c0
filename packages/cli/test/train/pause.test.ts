import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { skipLong } from "@awp/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ended, type Running, startAwp } from "../child";
import { checkpointsOf, remove, storedIn, temporaryFolder, until, writeSettings } from "./folder";

/* The real command in processes of its own: signals, exit codes, and that a resumed run ends as an unbroken one. */

let folder = "";
let settings = "";
beforeAll(() => {
  folder = temporaryFolder();
  settings = writeSettings(folder, {
    data: { size: 8, train: 240, validation: 16, test: 16 },
    attack: { steps: 1 },
    evaluation: { steps: 2 },
    batchSize: 4,
    epochs: 4,
    backend: "wasm",
  });
});
afterAll(() => remove(folder));

const train = (run: string, ...more: string[]): string[] => ["train", "--config", settings, "--output", run, ...more];

/** Lines of metrics of a method: epochs done. */
function epochsDone(run: string, method: string): number {
  const path = join(folder, run, method, "seed-1", "metrics.jsonl");
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").length - 1 : 0;
}

/** Runs the command until both methods have done so many epochs and some steps more, then has a signal sent. */
async function ended(
  run: string,
  epochs: number,
  send: (running: Running) => unknown,
  ...more: string[]
): Promise<Ended> {
  const running = startAwp(train(run, ...more), { cwd: folder });
  const through = running.ended.then(() => true);
  const far = until(() => ["at", "at-awp"].every((method) => epochsDone(run, method) >= epochs)).then(() => false);
  if (!(await Promise.race([through, far]))) {
    await setTimeout(200);
    send(running);
  }
  return running.ended;
}

/** Runs the command to its end. */
const awp = (args: readonly string[]): Promise<Ended> => startAwp(args, { cwd: folder }).ended;

interface Paused {
  readonly kind: string;
  readonly at: { readonly epoch: number; readonly step: number };
}

const midEpoch = (run: string): boolean =>
  ["at", "at-awp"].some((method) => checkpointsOf(join(folder, run), method).some((name) => name.includes("-step-")));

describe("awp train", () => {
  test("ended by Ctrl-C, SIGTERM, SIGUSR1 and SIGKILL goes on to the weights of an unbroken run", async (context) => {
    skipLong("five trainings, one after the other", context);
    const unbroken = await awp(train("unbroken", "--json"));
    expect(unbroken.code, unbroken.stderr).toBe(0);

    const sends: readonly ((running: Running) => unknown)[] = [
      (running) => running.signalAll("SIGINT"), // as a terminal does
      (running) => running.child.kill("SIGTERM"),
      (running) => running.signalAll("SIGUSR1"), // as Slurm does
    ];
    let within = 0;
    for (const [i, send] of sends.entries()) {
      const { code, stderr } = await ended("broken", i + 1, send, ...(i > 0 ? ["--resume"] : []));
      expect(code, stderr).toBe(3);
      expect(stderr).toMatch(/Ended early by SIG(INT|TERM|USR1); go on with: .* train --resume --output broken/);
      expect(stderr).not.toMatch(/debugger/i);
      if (midEpoch("broken")) within++;
    }
    expect(within).toBeGreaterThan(0);
    // Its workers notice that their parent is gone.
    const killed = await ended("broken", 3, (running) => running.child.kill("SIGKILL"), "--resume");
    expect(killed.code).toBe(null);
    await setTimeout(500);

    const resumed = await awp(train("broken", "--resume", "--json"));
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(storedIn(join(folder, "broken"))).toEqual(storedIn(join(folder, "unbroken")));
    const results = ({ stdout }: Ended): unknown =>
      (JSON.parse(stdout) as { results: object[] }).results.map((each) => ({
        ...each,
        secondsPerStep: null,
      }));
    expect(results(resumed)).toEqual(results(unbroken));
  }, 600_000);

  test("ends at --max-time with what it has, and says so in JSON too", async () => {
    const { code, stdout, stderr } = await awp(train("timed", "--epochs", "1000000", "--max-time", "6s", "--json"));
    expect(code, stderr).toBe(3);
    const { paused, results } = JSON.parse(stdout) as {
      paused: { by: string; outcomes: Paused[] };
      results: unknown;
    };
    expect(paused).toMatchObject({
      by: "--max-time",
      outcomes: [{ kind: "paused" }, { kind: "paused" }],
    });
    expect(results).toEqual([]);
    // How far it came is the machine's; where it ended is kept.
    for (const [i, method] of ["at", "at-awp"].entries()) {
      const { epoch, step } = paused.outcomes[i]!.at;
      const within = step === 0 ? "" : `-step-${String(step).padStart(5, "0")}`;
      const kept = `epoch-${String(epoch).padStart(4, "0")}${within}`;
      expect(checkpointsOf(join(folder, "timed"), method)).toContain(kept);
    }
  }, 120_000);

  test("ends at once at a second Ctrl-C, whatever it is at", async () => {
    // Steps of many seconds: only who does not wait for them ends with another code.
    const slow = ["--network", "preactresnet-18", "--methods", "at", "--batch-size", "64", "--steps", "50"];
    const running = startAwp(train("slow", ...slow), { cwd: folder });
    await until(() => checkpointsOf(join(folder, "slow"), "at").length > 0);
    await setTimeout(1000); // the first step has begun
    running.signalAll("SIGINT");
    await setTimeout(500);
    running.signalAll("SIGINT");
    const { code, stderr } = await running.ended;
    expect(code, stderr).toBe(130);
    expect(checkpointsOf(join(folder, "slow"), "at")).toEqual(["epoch-0000"]);
  }, 120_000);
});
