import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sharedFolder, skipLong, skipWithoutShared } from "@awp/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { startAwp } from "../child";
import { temporaryFolder } from "../temporary-folder";

const addon = fileURLToPath(new URL("../../../backend-torch/native/build/awp-backend-torch.node", import.meta.url));
const model = "goldens/robust-wrn-10-1";

describe("awp evaluate on the robust WideResNet-10-1, with the options of npm run evaluate:", () => {
  let folder = "";
  beforeEach(async (context) => {
    skipWithoutShared(model, context);
    skipWithoutShared("data/cifar-10-subset", context);
    folder = await temporaryFolder();
  });

  async function evaluate(count: number, ...args: readonly string[]): Promise<Record<string, unknown>> {
    const { stdout, stderr, code } = await startAwp([
      ...["evaluate", "--model", "wideresnet-10-1"],
      ...["--weights", join(sharedFolder(model) as string, "weights.safetensors")],
      ...["--data", sharedFolder("data/cifar-10-subset") as string, "--seed", "1", "--count", `${count}`],
      ...["--backend", existsSync(addon) ? "torch" : "wasm", ...args],
    ]).ended;
    expect([code, stderr.includes("error")]).toEqual([0, false]);
    return JSON.parse(stdout.trim().split("\n").at(-1) as string) as Record<string, unknown>;
  }

  /** How many of the first images the reference code recognises, and how many of them AutoAttack leaves. */
  async function reference(count: number): Promise<{ clean: number; robust: number }> {
    const file = await readFile(join(sharedFolder(model) as string, "reference.json"), "utf8");
    const verdicts = JSON.parse(file) as { clean_correct: string; robust_after_all: string };
    const ones = (flags: string): number => [...flags.slice(0, count)].filter((flag) => flag === "1").length;
    return { clean: ones(verdicts.clean_correct), robust: ones(verdicts.robust_after_all) };
  }

  async function autoAttack(count: number, ...args: readonly string[]): Promise<Record<string, unknown>> {
    const [report, state] = [join(folder, "report.json"), join(folder, "state")];
    const summary = await evaluate(count, "--json", report, "--state", state, ...args);
    const { perExample } = JSON.parse(await readFile(report, "utf8")) as { perExample: unknown[] };
    expect(perExample).toHaveLength(count);
    expect(existsSync(state)).toBe(true);
    return summary;
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
    expect(Object.keys(summary)).toEqual(expect.arrayContaining(["version", "standard", "stages", "flags"]));
  });

  test("FGSM prints its accuracy last", { timeout: 120_000 }, async () => {
    const figures = { attack: "fgsm", norm: "linf", epsilon: 8 / 255, examples: 16, naturalAccuracy: 0.5625 };
    expect(await evaluate(16, "--attack", "fgsm")).toMatchObject(figures);
  });
});
