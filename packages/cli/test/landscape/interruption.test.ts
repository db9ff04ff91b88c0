import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { startAwp } from "../child";
import { temporaryFolder } from "../temporary-folder";
import { awp } from "../written";
import { writeRun } from "./run";

interface Kept {
  readonly points: readonly unknown[];
}

test("a landscape that a signal ends is kept, and the same command goes on to that of an unbroken run", {
  timeout: 180_000,
}, async () => {
  const training = await writeRun();
  const elsewhere = await temporaryFolder();
  const args = ["landscape", training, "--backend", "cpu", "--alphas", "-1:1:41", "--count", "6"];
  const file = join(training, "landscapes", "epoch-0004-train-random-filter-1.json");
  const read = async (path: string) => JSON.parse(await readFile(path, "utf8")) as Kept;

  const { child, ended } = startAwp(args);
  await vi.waitUntil(() => existsSync(file), { timeout: 100_000, interval: 5 });
  child.kill("SIGINT");
  const { code, stdout, stderr } = await ended;
  expect([code, stdout]).toEqual([3, ""]);
  expect(stderr).toContain("interrupted by SIGINT: the same command goes on from what is kept");
  const half = await read(file);
  expect(half.points.length).toBeGreaterThan(0);
  expect(half.points.length).toBeLessThan(41);

  expect((await awp(...args, "--quiet")).code).toBe(0);
  expect((await awp(...args, "--quiet", "--json", join(elsewhere, "whole.json"))).code).toBe(0);
  const whole = await read(join(elsewhere, "whole.json"));
  expect(await read(file)).toEqual(whole);
  expect(whole.points.slice(0, half.points.length)).toEqual(half.points);
});
