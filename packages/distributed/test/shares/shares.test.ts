import { fileURLToPath } from "node:url";
import { useBackend } from "@awp/core";
import { launchRanks, skipLong, skipWithoutEngine } from "@awp/testing";
import { expect, test } from "vitest";
import { evaluated } from "./evaluation";

test("processes that share AutoAttack and a landscape have the report of one, to the bit", async (context) => {
  skipLong("an evaluation by five processes", context);
  await skipWithoutEngine(useBackend("torch"), context);
  const one = await evaluated();
  // Each stage breaks some, and some stay.
  expect(JSON.parse(one)).toMatchObject({ stages: [{ broken: 2 }, { broken: 7 }], robustAccuracy: 4 / 13 });
  for (const size of [2, 3]) {
    const { ended } = await launchRanks([fileURLToPath(new URL("rank.ts", import.meta.url))], { size, limit: 120_000 });
    for (const { code, stdout, stderr } of await ended) {
      expect(code, stderr).toBe(0);
      expect(stdout).toBe(one);
    }
  }
}, 300_000);
