import { localGroups } from "@awp/testing";
import { describe, expect, it } from "vitest";
import { agreed, agreeing, alone, byRankZero } from "../src/index";

const groups = (size: number) => localGroups(size).map((group) => agreeing(group));

describe("a signal that the ranks agree on", () => {
  it("is aborted on all in the same gathering, by whichever rank wants it", async () => {
    const controller = new AbortController();
    const seen = await Promise.all(
      groups(3).map(async (group) => {
        const signal = agreed(group, group.rank === 1 ? controller.signal : undefined);
        const states: boolean[] = [];
        for (let round = 0; round < 4; round++) {
          if (group.rank === 1 && round === 2) controller.abort(new Error("time is up"));
          states.push(signal.aborted);
          await group.allGather(round, "rounds");
        }
        return { states, reason: signal.reason as Error };
      }),
    );
    for (const { states } of seen) expect(states).toEqual([false, false, false, true]);
    expect(seen[1]?.reason).toBe(controller.signal.reason);
    expect(seen[2]?.reason).toMatchObject({ name: "AbortError", message: "rank 1: time is up" });
  });

  it("is one of several, in the order in which they were agreed on", async () => {
    const last = AbortSignal.abort();
    const aborted = await Promise.all(
      groups(2).map(async (group) => {
        const signals = [agreed(group), agreed(group, group.rank === 0 ? last : undefined), agreed(group)];
        await group.allGather(0);
        return signals.map((signal) => signal.aborted);
      }),
    );
    expect(aborted).toEqual(Array.from({ length: 2 }, () => [false, true, false]));
  });

  it("waits for a gathering in the group of one too", async () => {
    const signal = agreed(alone, AbortSignal.abort());
    expect(signal.aborted).toBe(false);
    expect(await alone.allGather("value")).toEqual(["value"]);
    expect(signal.aborted).toBe(true);
  });

  it("is itself where it is agreed on once more: it comes no later for that", async () => {
    const controller = new AbortController();
    const aborted = await Promise.all(
      groups(2).map(async (group) => {
        const common = agreed(group, group.rank === 0 ? controller.signal : undefined);
        const again = agreed(group, common);
        controller.abort();
        await group.allGather(0);
        return [common.aborted, again.aborted];
      }),
    );
    expect(aborted).toEqual(Array.from({ length: 2 }, () => [true, true]));
  });

  it("wants a group that carries it", () => {
    const [bare] = localGroups(1);
    expect(() => agreed(bare!)).toThrow("group: got Object, want one made by processGroup, alone or agreeing");
  });
});

describe("ranks that gather different things", () => {
  it("are told so, whatever the group below does about it", async () => {
    const careless = localGroups(2).map((group) => ({ ...group, allGather: <T>(value: T) => group.allGather(value) }));
    const failures = await Promise.allSettled(
      careless.map((group) => agreeing(group).allGather(0, group.rank === 0 ? "losses" : "figures")),
    );
    const reason = { message: "the ranks have lost step: rank 0 gathers losses, rank 1 figures" };
    for (const failure of failures) expect(failure).toMatchObject({ status: "rejected", reason });
  });
});

describe("what rank 0 does for all", () => {
  it("is done there alone, and known to all", async () => {
    const doers: number[] = [];
    const values = await Promise.all(
      groups(3).map((group) =>
        byRankZero(group, "settings", () => {
          doers.push(group.rank);
          return new Map([["gamma", Float32Array.of(0.5)]]);
        }),
      ),
    );
    expect(doers).toEqual([0]);
    for (const value of values) expect(value).toEqual(new Map([["gamma", Float32Array.of(0.5)]]));
  });

  it("fails on all: there by its own error, elsewhere in its words", async () => {
    const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    const [own, other] = await Promise.allSettled(
      groups(2).map((group) => byRankZero(group, "checkpoint", () => Promise.reject(full))),
    );
    expect(own).toEqual({ status: "rejected", reason: full });
    expect(other).toMatchObject({ reason: { name: "AwpError", message: "rank 0: no space left on device" } });
  });
});
