import { setTimeout } from "node:timers/promises";
import { localGroups } from "@awp/testing";
import { expect, test } from "vitest";
import { inTurns } from "../../src/ranks/in-turns";

/** Four ranks on two machines. */
const machines = localGroups(4).map((group) => ({ group, localRank: group.rank % 2 }));

test("one rank of each machine comes before its others, and rank 0 before all", async () => {
  const log: string[] = [];
  const all = machines.map(({ group, localRank }) =>
    inTurns(group, localRank, "model", async () => {
      log.push(`rank ${group.rank} begins`);
      await setTimeout(5);
      log.push(`rank ${group.rank} ends`);
      return group.rank === 1 ? null : () => group.rank; // nothing that can be sent
    }),
  );
  const [first, second, third] = await Promise.all(all);
  expect([first?.(), second, third?.()]).toEqual([0, null, 2]);
  const whole = (rank: number): readonly string[] => [`rank ${rank} begins`, `rank ${rank} ends`];
  expect(log.slice(0, 4)).toEqual([...whole(0), ...whole(2)]);
  expect(log.slice(4).sort()).toEqual([...whole(1), ...whole(3)]);
});

test("what rank 0 fails at nobody else tries", async () => {
  const [error, ...others] = await Promise.all(
    localGroups(3).map((group) =>
      inTurns(group, group.rank, "model", () => Promise.reject(new Error(`nothing for ${group.rank}`))).catch(
        ({ message }: Error) => message,
      ),
    ),
  );
  expect(error).toBe("nothing for 0");
  expect(others).toEqual(["rank 0: nothing for 0", "rank 0: nothing for 0"]);
});
