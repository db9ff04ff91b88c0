import { existsSync, readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { startAwp } from "../child";
import { temporaryFolder } from "../temporary-folder";
import { awp } from "../written";
import { randomWeights, writeLayersModel } from "./linear-model";
import { randomPictures, writePictures } from "./pictures";

const weights = randomWeights(12, 4);

let folder = "";
let common: readonly string[] = [];
let state = "";
beforeEach(async () => {
  folder = await temporaryFolder();
  const data = await writePictures(join(folder, "pictures"), randomPictures(2, 4, 3, weights));
  const model = await writeLayersModel(join(folder, "model"), { shape: [2, 2, 3], weights, softmax: false });
  common = [
    "evaluate",
    model,
    "--data",
    data,
    "--backend",
    "cpu",
    "--batch-size",
    "1",
    "--epsilon",
    "30/255",
    "--json",
  ];
  state = join(folder, "state");
});

/** Everything but the clock. */
function figures(document: string): unknown {
  return JSON.parse(document, (key, value: unknown) => (key === "seconds" ? undefined : value));
}

describe("an AutoAttack that a signal ends", () => {
  test("goes on, as often as it is ended, to the report of an unbroken one", { timeout: 180_000 }, async () => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      const before = existsSync(state) ? readFileSync(state) : undefined;
      const { child, ended } = startAwp([...common, "--state", state]);
      await vi.waitUntil(() => existsSync(state) && before?.equals(readFileSync(state)) !== true, {
        timeout: 60_000,
        interval: 5,
      });
      child.kill(signal);
      const { code, stdout, stderr } = await ended;
      expect([code, stdout]).toEqual([3, ""]);
      expect(stderr).toContain(`interrupted by ${signal}: the same command goes on from ${state}`);
    }
    const another = await awp(...common, "--state", state, "--seed", "9", "--quiet");
    expect([another.code, another.stderr.startsWith("error: state: ")]).toEqual([1, true]);
    const resumed = await awp(...common, "--state", state, "--resume", "--quiet");
    const unbroken = await awp(...common, "--quiet");
    expect([resumed.code, unbroken.code, resumed.stderr]).toEqual([0, 0, ""]);
    expect(figures(resumed.stdout)).toEqual(figures(unbroken.stdout));
  });

  test("has a state for each radius", async () => {
    const { code } = await awp(...common, "--epsilon", "0,0.6,0.7", "--state", state, "--quiet");
    expect(code).toBe(0);
    const files = await readdir(folder);
    expect(files.filter((file) => file.startsWith("state"))).toEqual(["state.autoattack-0.6", "state.autoattack-0.7"]);
  });

  test("ends as any program does where no state is kept", { timeout: 120_000 }, async () => {
    const { child, ended } = startAwp(common);
    await vi.waitUntil(() => child.stderr?.listenerCount("data"), { timeout: 1000 });
    await new Promise((resolve) => child.stderr?.once("data", resolve));
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: null, signal: "SIGINT" });
  });
});
