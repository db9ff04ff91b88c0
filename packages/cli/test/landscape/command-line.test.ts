import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { LandscapeFile } from "../../src/landscape/landscape-file";
import { alphas } from "../../src/landscape/options";
import { awp, type Written } from "../written";
import { writeRun } from "./run";

let training = "";
beforeEach(async () => {
  training = await writeRun();
});

const landscape = (...args: readonly string[]): Promise<Written> =>
  awp("landscape", training, "--backend", "cpu", "--count", "6", "--alphas", "-0.5,0,1", ...args);

async function landscapes(): Promise<Readonly<Record<string, LandscapeFile>>> {
  const folder = join(training, "landscapes");
  const names = (await readdir(folder)).sort();
  const read = async (name: string) => JSON.parse(await readFile(join(folder, name), "utf8")) as LandscapeFile;
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await read(name)] as const)));
}

describe("awp landscape", { timeout: 120_000 }, () => {
  test("measures around a training's last weights as it was trained, and prints a table", async () => {
    const { code, stdout, stderr } = await landscape();
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/seed-1, epoch 4\nα +clean loss +accuracy +adversarial loss +accuracy +pre-generated loss/);
    expect(stdout).toMatch(/^-0\.5( +\d\.\d{3} +\d+\.\d %){3}$/m);
    const [[name, found] = []] = Object.entries(await landscapes());
    expect(name).toBe("epoch-0004-train-random-filter-1.json");
    expect(found).toMatchObject({
      epoch: 4,
      split: "train",
      directions: ["random, filter-normalised, seed 1"],
      attack: "pgd-2, linf 8/255",
      images: 6,
    });
    expect(found!.points.map(({ at }) => at)).toEqual([[-0.5], [0], [1]]);
    const [, centre] = found!.points;
    expect(centre!.pregenerated).toEqual(centre!.adversarial);
    expect(centre!.adversarial!.loss).toBeGreaterThan(centre!.clean.loss);
  });

  test("takes points over from a file of the same settings, and refuses one of others", async () => {
    await landscape();
    const file = join(training, "landscapes", "epoch-0004-train-random-filter-1.json");
    const whole = await readFile(file, "utf8");
    const half = JSON.parse(whole) as { points: { clean: { loss: number | null } }[] };
    half.points.pop();
    half.points[0]!.clean.loss = null; // a loss that is no number is kept too
    await writeFile(file, JSON.stringify(half));
    expect((await landscape()).code).toBe(0);
    const again = JSON.parse(await readFile(file, "utf8")) as typeof half;
    expect(again.points[0]!.clean.loss).toBeNull();
    expect(again.points.slice(1)).toEqual((JSON.parse(whole) as typeof half).points.slice(1));

    const refused = await landscape("--statistics", "recalibrated");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('holds another landscape: statistics was "centre", is "recalibrated"');
  });

  test("draws several directions as one, around all checkpoints of all trainings of a run", async () => {
    const run = join(training, "..", "..");
    const args = ["--directions", "2", "--seed", "5", "--checkpoint", "all", "--attack", "none", "--split", "test"];
    const { code, stdout } = await awp("landscape", run, "--backend", "cpu", "--alphas", "0,1", "--quiet", ...args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^1( +\d+\.\d{3} ± \d\.\d{3} +\d+\.\d %)$/m);
    const found = await landscapes();
    expect(Object.keys(found)).toEqual(
      ["0002", "0004"].flatMap((epoch) => [5, 6].map((seed) => `epoch-${epoch}-test-random-filter-${seed}.json`)),
    );
    for (const { attack, images, points } of Object.values(found)) {
      expect([attack, images]).toEqual(["none", 12]);
      expect(points[1]).not.toHaveProperty("adversarial");
    }
  });

  test("leads to another checkpoint, whose loss it has there", async () => {
    await landscape("--direction", "to:2", "--attack", "none", "--statistics", "recalibrated");
    await rm(join(training, "checkpoints", "epoch-0004"), { recursive: true });
    await landscape("--attack", "none", "--statistics", "recalibrated");
    const { "epoch-0004-train-to-2.json": there, "epoch-0002-train-random-filter-1.json": own } = await landscapes();
    expect(there!.directions).toEqual(["to 2"]);
    expect(there!.points[2]!.clean.loss).toBeCloseTo(own!.points[1]!.clean.loss, 4);
  });

  test("climbs along AWP's direction, and draws planes and stored directions", async () => {
    const { code } = await landscape("--direction", "awp", "--alphas", "-0.01,0,0.01");
    expect(code).toBe(0);
    const stored = join(training, "best", "epoch-0003", "model.safetensors");
    await landscape("--direction", stored, "--attack", "none");
    const { stdout } = await landscape("--plane", "--attack", "none", "--normalization", "layer");
    expect(stdout).toMatch(/loss at α, β +-0\.5 +0 +1\n-0\.5( +\d+\.\d{3}){3}/);
    const found = await landscapes();
    expect(Object.keys(found)).toEqual([
      "epoch-0004-train-awp-layer.json",
      "epoch-0004-train-model-none.json",
      "epoch-0004-train-plane-random-layer-1-random-layer-2.json",
    ]);
    const [before, centre, after] = found["epoch-0004-train-awp-layer.json"]!.points;
    expect(after!.pregenerated!.loss).toBeGreaterThan(centre!.pregenerated!.loss);
    expect(before!.pregenerated!.loss).toBeLessThan(centre!.pregenerated!.loss);
    expect(Object.values(found)[2]!.points).toHaveLength(9);
  });
});

describe("awp landscape refuses, with the exit code for it,", { timeout: 120_000 }, () => {
  test.each<[string, readonly string[], number, string]>([
    ["an unknown direction", ["--direction", "up"], 2, "--direction is up, want random, awp"],
    ["several of one direction", ["--direction", "awp", "--directions", "2"], 2, "there is but one direction awp"],
    ["AWP without a length", ["--direction", "awp", "--normalization", "none"], 2, "no length of its own"],
    ["a checkpoint that is none", ["--checkpoint", "first"], 2, "want best, last, all or an epoch"],
    ["a checkpoint that is not there", ["--checkpoint", "7"], 1, "there are those of the epochs 2, 3, 4"],
    ["one file for several landscapes", ["--json", "x.json", "--directions", "2"], 2, "for 2 landscapes"],
    ["an attack without a radius", ["--attack", "deepfool", "--norm", "l2"], 2, "deepfool has no radius"],
    ["an attack in another norm", ["--norm", "l1"], 2, "linf or l2 for the attack pgd-2"],
    ["AutoAttack", ["--attack", "autoattack"], 2, "one of"],
    ["positions that are none", ["--alphas", "1:0:3"], 2, "FROM:TO:COUNT"],
    ["a network for a run", ["--network", "small-cnn"], 2, "--network is of a .safetensors"],
  ])("%s", async (_, args, code, message) => {
    const refused = await landscape(...args);
    expect(refused.stderr).toContain(message);
    expect(refused.code).toBe(code);
    expect(await readdir(training)).not.toContain("landscapes");
  });

  test("what is no run and no network", async () => {
    expect((await awp("landscape", join(training, "nowhere"))).stderr).toContain("no such file or folder");
    const file = join(training, "best", "epoch-0003", "model.safetensors");
    expect((await awp("landscape", file)).stderr).toContain("--data is missing");
  });
});

test("positions are a range, symmetric to the bit, or a list", () => {
  const range = alphas("-1:1:21");
  expect(range).toHaveLength(21);
  expect(range.map((alpha) => 0 - alpha).reverse()).toEqual(range);
  expect([range[0], range[7], range[10], range[20]]).toEqual([-1, -0.3, 0, 1]);
  expect(alphas("-3:-1:3")).toEqual([-3, -2, -1]);
  expect(alphas("0.5, -1,0")).toEqual([-1, 0, 0.5]);
  for (const text of ["1,1", "a", "0:1", "0:1:1", "0:1:3:4", ""]) expect(() => alphas(text)).toThrow("Wanted");
});
