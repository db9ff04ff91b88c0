import { type LocalGroup, localGroups } from "@awp/testing";
import { describe, expect, test, vi } from "vitest";
import { inShares, type SharedWork } from "../src/authoring";

type Work = SharedWork<number, number>;

const units = (count: number): number[] => Array.from({ length: count }, (_, k) => k);

/** What each rank yields, in its order. */
const onRanks = (size: number, shared: (group: LocalGroup) => Partial<Work>): Promise<number[][]> =>
  Promise.all(localGroups(size).map((group) => outcomes({ group, ...shared(group) })));

async function outcomes(shared: Partial<Work>): Promise<number[]> {
  const all: number[] = [];
  const rest = { group: undefined, units: units(7), work: squared, signal: undefined, what: "squares", ...shared };
  for await (const { outcome } of inShares(rest)) all.push(outcome);
  return all;
}

const squared = (unit: number): Promise<number> => Promise.resolve(unit ** 2);

describe("work by shares", () => {
  const cases = [0, 1, 2, 3, 6, 7].flatMap((count) => [1, 2, 3, 5].map((size) => [count, size] as const));

  test.each(cases)("of %i units among %i ranks has every outcome on every rank, in order", async (count, size) => {
    const done: number[][] = localGroups(size).map(() => []);
    const released: number[][] = localGroups(size).map(() => []);
    const found = await onRanks(size, ({ rank }) => ({
      units: units(count),
      work: async (unit) => {
        // The later ranks are the faster ones.
        for (let wait = rank; wait < size; wait++) await Promise.resolve();
        done[rank]!.push(unit);
        expect(released[rank]).toEqual(units(unit));
        return unit ** 2;
      },
      release: (unit) => released[rank]!.push(unit),
    }));
    for (const all of found) expect(all).toEqual(units(count).map((unit) => unit ** 2));
    for (const [rank, own] of done.entries()) expect(own).toEqual(units(count).filter((unit) => unit % size === rank));
    for (const all of released) expect(all).toEqual(units(count));
  });

  test("without a group is done here, unit by unit as they are asked for", async () => {
    const begun: number[] = [];
    const work = (unit: number) => {
      begun.push(unit);
      return squared(unit);
    };
    const all = inShares({ group: undefined, units: units(3), work, signal: undefined, what: "squares" });
    expect(begun).toEqual([]);
    expect((await all.next()).value).toMatchObject({ outcome: 0 });
    expect(begun).toEqual([0]);
    await all.return();
    expect(begun).toEqual([0]);
  });

  test("tells the time of the slowest rank, in equal parts of the turn", async () => {
    let clock = 0;
    const watch = vi.spyOn(performance, "now").mockImplementation(() => clock);
    try {
      const seconds = await Promise.all(
        localGroups(2).map(async (group) => {
          const all: number[] = [];
          const work = (unit: number) => {
            clock += 1000 * (unit + 1);
            return Promise.resolve(unit);
          };
          const shared = { group, units: units(3), work, signal: undefined, what: "times" };
          for await (const { seconds } of inShares(shared)) all.push(seconds);
          return all;
        }),
      );
      for (const all of seconds) expect(all).toEqual([2 / 2, 2 / 2, 3]);
    } finally {
      watch.mockRestore();
    }
  });
});

describe("what ends work by shares ends it on all ranks", () => {
  const ends = async (size: number, shared: (group: LocalGroup) => Partial<Work>): Promise<string[]> => {
    const groups = localGroups(size);
    const settled = await Promise.allSettled(groups.map((group) => outcomes({ group, ...shared(group) })));
    // They are still in step.
    const after = await Promise.all(groups.map((group) => group.allGather(group.rank, "after")));
    for (const all of after) expect(all).toEqual(units(size));
    return settled.map((each) => (each.status === "rejected" ? (each.reason as Error).message : "done"));
  };

  test("an error of one rank, in the same turn, naming it", async () => {
    const begun: number[] = [];
    const work = (unit: number): Promise<number> => {
      begun.push(unit);
      return unit === 4 ? Promise.reject(new Error("out of memory")) : squared(unit);
    };
    const [first, second, third] = await ends(3, () => ({ work }));
    expect([first, third]).toEqual(["rank 1 of 3, squares: out of memory", "rank 1 of 3, squares: out of memory"]);
    expect(second).toBe("out of memory");
    expect(begun.sort()).toEqual(units(6));
  });

  test("an error in making the units, also for ranks that have nothing to do", async () => {
    function* failing(): Generator<number> {
      yield 0;
      throw new Error("no such file");
    }
    const found = await ends(3, ({ rank }) => ({ units: rank === 1 ? failing() : units(1) }));
    expect(found).toEqual(["rank 1 of 3, squares: no such file", "no such file", "rank 1 of 3, squares: no such file"]);
  });

  test("a signal that the gathers carry, before the next unit", async () => {
    const released: number[][] = [[], []];
    const found = await ends(2, (group) => {
      const controller = new AbortController();
      let gathered = 0;
      const allGather = async <T>(value: T, what?: string): Promise<readonly T[]> => {
        const all = await group.allGather(value, what);
        if (++gathered === 2) controller.abort(new Error("enough"));
        return all;
      };
      const release = (unit: number) => released[group.rank]!.push(unit);
      return { group: { ...group, allGather }, signal: controller.signal, release };
    });
    expect(found).toEqual(["enough", "enough"]);
    expect(released).toEqual([units(5), units(5)]);
  });

  test("a signal of one rank alone", async () => {
    const found = await ends(2, ({ rank }) => (rank === 1 ? { signal: AbortSignal.abort(new Error("enough")) } : {}));
    expect(found).toEqual(["rank 1 of 2, squares: enough", "enough"]);
  });

  test("units that are not the same on all", async () => {
    const label = (unit: number): string => `unit ${unit}`;
    const others = await ends(2, ({ rank }) => ({ label, units: rank === 0 ? [0, 1, 2] : [0, 5, 2] }));
    const message = 'rank 1 of 2, squares: does "unit 5" where rank 0 does "unit 1"';
    for (const each of others) expect(each).toContain(message);
    const fewer = await ends(3, ({ rank }) => ({ label, units: units(rank === 1 ? 3 : 5) }));
    for (const each of fewer) expect(each).toContain('rank 1 of 3, squares: does nothing where rank 0 does "unit 3"');
  });

  test("more turns on one rank than on the others", async () => {
    const found = await ends(2, ({ rank }) => ({ units: units(rank === 1 ? 6 : 4) }));
    for (const each of found) expect(each).toContain('rank 1 of 2, squares: does "" where rank 0 does nothing');
  });
});
