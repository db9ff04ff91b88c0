import { randomInt } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { useBackend } from "@awp/core";
import {
  hosts,
  launchRanks,
  type LaunchOptions,
  type RankEnd,
  type Ranks,
  skipWithoutEngine,
  skipWithoutHosts,
} from "@awp/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

/*
 * One training of three ranks, in which one after the other dies, comes late or loses its network. The others end soon,
 * each with one line that says why; the next life goes on from what is stored, and the last one comes to the very weights
 * of a training that nothing happened to. `AWP_KILLS=30` makes a campaign of it.
 */

const script = fileURLToPath(new URL("child.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "awp-faults-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const size = 3;
const patience = 3000;
const kills = Number(process.env["AWP_KILLS"] ?? 1);
/** So many that there is something left to do after each kill. */
const epochs = 6 + 2 * kills;

/** What goes wrong in a life: on which rank, and what, as child.ts knows it. */
interface Fault extends Pick<LaunchOptions, "on"> {
  readonly rank?: number;
  readonly what?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A life of the training in that folder: to its end, where nothing goes wrong. */
function live(name: string, { rank, what = "none", env = {}, ...options }: Fault = {}): Promise<Ranks> {
  return launchRanks([script, join(folder, name), String(epochs)], {
    ...{ size, ...options },
    env: (each) => ({ PATIENCE: String(patience), ...env, ...(each === rank && { FAULT: what }) }),
  });
}

const weightsOf = (ends: readonly RankEnd[]): readonly (string | undefined)[] =>
  ends.map(({ stdout }) => stdout.split("\n").find((line) => line.startsWith("weights")));

/** Whether each that lived on ended by itself, with one line that blames that rank. */
function expectBlamed(ends: readonly RankEnd[], culprit: number, words: RegExp): void {
  for (const { code, stderr } of ends.filter((_, rank) => rank !== culprit)) {
    expect(stderr).toMatch(/^.+\n$/);
    expect(stderr).toMatch(words);
    expect(stderr).toContain(`rank ${culprit}`);
    expect(code).toBe(1);
  }
}

describe("a training of three ranks", { timeout: 120_000 }, () => {
  let unbroken: readonly (string | undefined)[] = [];
  beforeEach((context) => skipWithoutEngine(useBackend("torch"), context));
  beforeAll(async () => {
    if (!(await useBackend("torch").then(Boolean, () => false))) return;
    const ends = await (await live("unbroken")).ended;
    expect(ends.map(({ stderr }) => stderr)).toEqual(["", "", ""]);
    unbroken = weightsOf(ends);
    expect(new Set(unbroken).size).toBe(1);
    expect(unbroken[0]).toMatch(/^weights -?\d/);
  }, 120_000);

  it.each([
    ["killed in the middle of a step", 1, "step 9"],
    ["killed in the middle of a collective", 2, "collective 12"],
    ["killed while it writes a checkpoint", 0, "checkpoint 2"],
  ])("ends when a rank is %s", async (_, rank, what) => {
    const ends = await (await live("broken", { rank, what })).ended;
    expect(ends[rank]?.signal).toBe("SIGKILL");
    expectBlamed(ends, rank, /gone|does not answer/);
  });

  it("ends when a rank comes later than the others wait", async () => {
    const ends = await (await live("broken", { rank: 1, what: "slow 9" })).ended;
    expectBlamed(ends, 1, /has not come/);
    expect(ends[1]?.code).toBe(1);
  });

  it("ends when a rank's cable is pulled", async (context) => {
    skipWithoutHosts(context);
    const network = hosts(size);
    try {
      const env = { MASTER_ADDR: network.addresses[0] };
      const { children, ended } = await live("broken", { env, on: (rank) => network.on(rank) });
      let steps = 0;
      children[2]?.stdout?.on("data", (text: Buffer) => {
        steps += text.toString().split("step").length - 1;
        if (steps >= 8) network.cut(2);
      });
      const ends = await ended;
      expectBlamed(ends, 2, /./);
      expect(ends[2]?.stderr).toMatch(/^.+\n$/);
      expect(ends[2]?.code).toBe(1);
    } finally {
      network.remove();
    }
  });

  it("ends when a rank is killed at random", { timeout: 3_600_000 }, async () => {
    for (let kill = 0; kill < kills; kill++) {
      const rank = randomInt(size);
      const { children, ended } = await live("broken");
      const chosen = children[rank];
      chosen?.stdout?.once("data", () => setTimeout(() => chosen.kill("SIGKILL"), randomInt(2500)));
      const ends = await ended;
      expect(ends[rank]?.signal).toBe("SIGKILL");
      expectBlamed(ends, rank, /gone|does not answer/);
    }
  });

  it("comes to the weights that it would have had", async () => {
    const ends = await (await live("broken")).ended;
    expect(ends.map(({ stderr }) => stderr)).toEqual(["", "", ""]);
    expect(weightsOf(ends)).toEqual(unbroken);
    const kept = readdirSync(join(folder, "broken", "checkpoints"));
    expect(kept).toEqual(readdirSync(join(folder, "unbroken", "checkpoints")));
  });
});
