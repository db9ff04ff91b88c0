import { sharedFolder, skipLong, skipWithoutShared } from "@awp/testing";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseCommandLine } from "../src/settings";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const addon = fileURLToPath(
  new URL("../../../packages/backend-torch/native/build/awp-backend-torch.node", import.meta.url),
);
const model = "goldens/robust-wrn-10-1";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "awp-evaluate-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function evaluate(...args: string[]): Promise<{ stdout: string; stderr: string; code: number }> {
  const node = ["--import", "tsx", "--conditions=@awp/source", main, ...args];
  return promisify(execFile)(process.execPath, node, { env: { ...process.env, INIT_CWD: folder } }).then(
    ({ stdout, stderr }) => ({ stdout, stderr, code: 0 }),
    (error: { stdout: string; stderr: string; code: number }) => error,
  );
}

describe("the evaluate command on the robust WideResNet-10-1:", () => {
  beforeEach((context) => {
    skipWithoutShared(model, context);
    skipWithoutShared("data/cifar-10-subset", context);
  });

  const common = (): string[] => [
    ...["--model", "wideresnet-10-1", "--weights", join(sharedFolder(model) as string, "weights.safetensors")],
    ...["--data", sharedFolder("data/cifar-10-subset") as string, "--seed", "1"],
    ...["--backend", existsSync(addon) ? "torch" : "wasm"],
  ];

  /** How many of the first images the reference code recognises, and how many of them AutoAttack leaves. */
  async function reference(count: number): Promise<{ clean: number; robust: number }> {
    const file = await readFile(join(sharedFolder(model) as string, "reference.json"), "utf8");
    const verdicts = JSON.parse(file) as { clean_correct: string; robust_after_all: string };
    const ones = (flags: string): number => [...flags.slice(0, count)].filter((flag) => flag === "1").length;
    return { clean: ones(verdicts.clean_correct), robust: ones(verdicts.robust_after_all) };
  }

  async function autoAttack(count: number, ...args: string[]): Promise<Record<string, number>> {
    const kept = ["--json", "report.json", "--state", "state"];
    const { stdout, stderr, code } = await evaluate(...common(), "--count", `${count}`, ...kept, ...args);
    expect([code, stderr.includes("Error")]).toEqual([0, false]);
    const report = JSON.parse(await readFile(join(folder, "report.json"), "utf8")) as { perExample: unknown[] };
    expect(report.perExample).toHaveLength(count);
    expect(existsSync(join(folder, "state"))).toBe(true);
    return JSON.parse(stdout.trim().split("\n").at(-1) as string) as Record<string, number>;
  }

  test("AutoAttack leaves as many of 16 images robust as the reference, within one", {
    timeout: 900_000,
  }, async (context) => {
    skipLong("AutoAttack on 16 images", context);
    const { clean, robust } = await reference(16);
    const summary = await autoAttack(16);
    expect(summary["naturalAccuracy"]).toBe(clean / 16);
    expect(Math.abs(16 * (summary["robustAccuracy"] as number) - robust)).toBeLessThanOrEqual(1);
  });

  test("AutoAttack leaves none of 8 images robust where half of the range is allowed", {
    timeout: 120_000,
  }, async () => {
    const { clean } = await reference(8);
    const summary = await autoAttack(8, "--epsilon", "128/255");
    expect(summary).toMatchObject({ naturalAccuracy: clean / 8, robustAccuracy: 0 });
  });

  test("FGSM prints its accuracy last", { timeout: 120_000 }, async () => {
    const { stdout } = await evaluate(...common(), "--count", "16", "--attack", "fgsm");
    const summary = JSON.parse(stdout.trim().split("\n").at(-1) as string) as Record<string, unknown>;
    expect(summary).toMatchObject({
      attack: "fgsm",
      norm: "linf",
      epsilon: 8 / 255,
      examples: 16,
      naturalAccuracy: 0.5625,
    });
  });
});

test("the evaluate command says what is missing, in one line", { timeout: 120_000 }, async () => {
  const { stderr, code } = await evaluate("--weights", "none.safetensors", "--data", "nowhere", "--backend", "cpu");
  expect(code).toBe(1);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toContain("nowhere");
});

describe("the command line of evaluate", () => {
  const given = ["--weights", "w", "--data", "d"];

  test("takes fractions, and paths from where the user stands", () => {
    expect(parseCommandLine([...given, "--epsilon", "128/255", "--norm", "l2"], "/home")).toMatchObject({
      weights: "/home/w",
      data: "/home/d",
      epsilon: 128 / 255,
      norm: "l2",
      attack: "autoattack",
    });
  });

  test.each([
    [["--epsilon", "8/"], "--epsilon"],
    [["--epsilon", "-1"], "--epsilon"],
    [["--count", "0"], "--count"],
    [["--attack", "magic"], "--attack"],
    [["--norm", "l3"], "norm"],
    [["--model", "resnet"], "model"],
    [["--unknown"], "--unknown"],
  ])("refuses %j", (args, message) => {
    expect(() => parseCommandLine([...given, ...args], "/")).toThrow(message);
  });

  test("refuses to guess the weights", () => {
    expect(() => parseCommandLine([], "/")).toThrow("--weights");
  });
});
