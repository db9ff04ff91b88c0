import { useBackend } from "@awp/core";
import { launchRanks, skipWithoutEngine } from "@awp/testing";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** The losses that so many processes print. */
async function losses(size: number): Promise<readonly number[]> {
  const ends = await (await launchRanks([main], { size, limit: 90_000 })).ended;
  for (const { code, stderr } of ends) expect(code, stderr).toBe(0);
  const printed = ends.map(({ stdout }) => [...stdout.matchAll(/loss ([\d.]+)/g)].map(([, loss]) => Number(loss)));
  expect(printed.slice(1).flat(), "rank 0 prints for all").toEqual([]);
  return printed[0] as readonly number[];
}

test("two processes train as one does, in half a page", { timeout: 200_000 }, async (context) => {
  expect(readFileSync(main, "utf8").trim().split("\n").length).toBeLessThanOrEqual(40);
  const one = await losses(1);
  expect(one).toHaveLength(3);
  await skipWithoutEngine(useBackend("torch"), context);
  const two = await losses(2);
  for (const [epoch, loss] of two.entries()) expect(loss).toBeCloseTo(one[epoch] as number, 2);
});
