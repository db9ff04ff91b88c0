import { rankThreads, relativeDeviation } from "@awp/testing";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alone } from "../src/index";
import { type Ran, ran, type Run } from "./run";

const module = new URL("run.ts", import.meta.url);
const threads = rankThreads(3);
const folder = mkdtempSync(join(tmpdir(), "awp-distributed-"));
afterAll(async () => {
  await threads.close();
  rmSync(folder, { recursive: true });
});

const on = (size: number, run: Run) => threads.run<Ran>(size, module, "ran", run);
/** The messages of ranks that all fail. */
async function failures(size: number, run: Run): Promise<readonly string[]> {
  const outcomes = await threads.settle<Ran>(size, module, "ran", run);
  return outcomes.map((outcome) => (outcome instanceof Error ? `${outcome.name}: ${outcome.message}` : "none"));
}

function expectClose(actual: Ran, expected: Ran): void {
  for (const part of ["weights", "statistics", "momentum", "average"] as const) {
    if (expected[part].length === 0) continue;
    expect(relativeDeviation(actual[part], expected[part])).toBeLessThan(1e-5);
  }
}

describe("a run on several ranks", () => {
  let unbroken: Ran;
  beforeAll(async () => {
    unbroken = await ran(alone, { epochs: 2 });
  });

  it.each([
    [3, "pauses on all at the same step, and goes on with 3 where it had 2"],
    [1, "goes on alone"],
  ])("%i: %s", async (size) => {
    const own = join(folder, `resumed-${size}`);
    const first = await on(2, { epochs: 2, folder: own, pause: [1, 7] });
    for (const rank of first) {
      expect(rank.paused).toBe("1+3");
      expect(rank).toEqual(first[0]);
    }
    // Rank 1's own folder was never made.
    expect(readdirSync(own)).toEqual(["rank-0"]);
    const rest =
      size === 1
        ? [await ran(alone, { epochs: 2, folder: own, resume: true })]
        : await on(size, { epochs: 2, folder: own, resume: true });
    for (const rank of rest) {
      expect(rank.events).toContain("resumed");
      expect(rank.paused).toBeUndefined();
      expectClose(rank, unbroken);
    }
  });

  it.each<Run>([
    { epochs: 2, network: "normalized", batchNorm: "synchronised" },
    { epochs: 2, weightAttack: "per-rank" },
  ])("goes on alone from two ranks, and on two from one alone, with %o", async (run) => {
    const pause = [0, 5] as const;
    const [two, one] = [join(folder, `two-${run.batchNorm}`), join(folder, `one-${run.batchNorm}`)];
    await on(2, { ...run, folder: two, pause });
    await ran(alone, { ...run, folder: one, pause });
    const rest = [await ran(alone, { ...run, folder: two, resume: true })];
    rest.push(...(await on(2, { ...run, folder: one, resume: true })));
    const whole = await ran(alone, run);
    for (const each of rest) {
      expect(each.events).toContain("resumed");
      if (run.batchNorm === "synchronised") expectClose(each, whole);
    }
  });

  it("ends on all at the signal of one, each with its reason", async () => {
    const [other, own] = await failures(2, { end: [1, 3] });
    expect(own).toBe("Error: enough");
    expect(other).toBe("AbortError: rank 1: enough");
  });

  it("collapses on all at once", async () => {
    const [first, ...others] = await failures(3, { rate: 1e30 });
    expect(first).toMatch(/^CollapseError: the loss is (NaN|Infinity) at step \d of epoch 0/);
    for (const other of others) expect(other).toBe(first);
  });

  it("fails on all where rank 0 cannot write", async () => {
    const file = join(folder, "a-file");
    writeFileSync(file, "");
    const [own, other] = await failures(2, { folder: file });
    expect(own).toMatch(/^Error: ENOTDIR/);
    expect(other).toMatch(/^AwpError: rank 0: ENOTDIR/);
  });

  it("has rank 0's figures on all", async () => {
    const all = await on(2, { epochs: 2, with: "evaluation" });
    expect(all.map(({ figures }) => figures)).toEqual([
      [
        [0, 0],
        [1, 1],
      ],
      [
        [10, 0],
        [11, 1],
      ],
    ]);
  });
});

describe("ranks that do not fit together", () => {
  it.each<readonly [Run["other"], string]>([
    [[1, { epochs: 5 }], "rank 1 has another training than rank 0: epochs is 5, not 4; schedule.4 is 0.1, not absent"],
    [[2, { clip: { norm: 1 } }], 'rank 2 has another training than rank 0: clip is {"norm":1}, not absent'],
    [
      [1, { settings: { gamma: 0.02 } }],
      'rank 1 has another training than rank 0: settings is {"gamma":0.02}, not absent',
    ],
  ])("are refused on all before any work: %o", async (other, message) => {
    expect(await failures(3, { other: other! })).toEqual(Array.from({ length: 3 }, () => `AwpError: ${message}`));
  });

  it("are refused where they have the same examples", async () => {
    const message =
      'ArgumentError: batches: got "the same examples on ranks 0 and 1", want rows of its own on each rank: give batches shard: group';
    expect(await failures(2, { whole: true })).toEqual([message, message]);
  });
});

describe("two ranks are one process on the whole batch", () => {
  it.each<Run>([
    { epochs: 2, with: "swa", network: "normalized", batchNorm: "synchronised" },
    { epochs: 2, with: "free" },
    { epochs: 2, with: "lossBelow" },
  ])("with %o", async (run) => {
    const whole = await ran(alone, run);
    const both = await on(2, run);
    for (const rank of both) expectClose(rank, whole);
  });

  it("recomputes the statistics of an average over the rows of both, the same on both", async () => {
    const [first, second] = await on(2, { with: "swa", network: "normalized", epochs: 2 });
    expect(second).toEqual(first);
  });
});
