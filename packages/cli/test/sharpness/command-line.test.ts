import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { Sharpness } from "../../src/sharpness/measure";
import { writeRun } from "../landscape/run";
import { awp, type Written } from "../written";

let training = "";
beforeEach(async () => {
  training = await writeRun();
});

const sharpness = (...args: readonly string[]): Promise<Written> =>
  awp("sharpness", training, "--backend", "cpu", "--count", "6", "--samples", "2", "--steps", "1", ...args);

interface Document {
  readonly split: string;
  readonly measured: readonly (Sharpness & { readonly epoch: number; readonly attack: object | null })[];
}

describe("awp sharpness", { timeout: 120_000 }, () => {
  test("measures a training's last weights as it was trained, and prints a table", async () => {
    const { code, stdout, stderr } = await sharpness("--eigenvalues", "2", "--trace", "2");
    expect(code, stderr).toBe(0);
    const [header, row, ...others] = stdout.trim().split("\n");
    expect(header).toMatch(
      /^network +loss +worst at γ 0.005 +worst at γ 0.01 +average at γ 0.005 +average at γ 0.01 +λ1 +λ2 +trace$/,
    );
    expect(row).toMatch(
      /seed-1, epoch 4 +\d\.\d{4}( +\+\d\.\d{4}){2}( +[+−]\d\.\d{4} ± \d\.\d{4}){2} +[\d.]+ +-?[\d.]+ /,
    );
    expect(others).toEqual([]);
  });

  test("gives one document for all checkpoints, with the figures that the table has and how they were found", async () => {
    const file = join(training, "sharpness.json");
    const args = ["--checkpoint", "all", "--gamma", "0.05", "--split", "test", "--json", file];
    const { code, stdout } = await sharpness(...args);
    expect(code).toBe(0);
    const document = JSON.parse(await readFile(file, "utf8")) as Document;
    expect(document.split).toBe("test");
    expect(document.measured.map(({ epoch }) => epoch)).toEqual([2, 4]);
    for (const { images, loss, worst, average, hessian, trace, attack } of document.measured) {
      expect(images).toBe(6);
      expect(attack).toMatchObject({ name: "pgd-2", norm: "linf" });
      expect(worst[0]).toMatchObject({ gamma: 0.05, steps: 1, loss });
      expect(worst[0]!.perturbedLoss).toBeGreaterThan(average[0]!.perturbedLoss);
      expect(average[0]!.perturbedLosses).toHaveLength(2);
      expect(hessian).toMatchObject({ differentiation: "exact", images: 6 });
      expect(trace).toBeNull();
      expect(stdout).toContain(loss.toFixed(4));
    }
  });

  test("without an attack the loss is the clean one, which is smaller; the same seed gives the same", async () => {
    const found = async (...args: readonly string[]): Promise<Document["measured"][number]> => {
      const { stdout } = await sharpness("--eigenvalues", "0", "--gamma", "0.01", "--quiet", "--json", ...args);
      return (JSON.parse(stdout) as Document).measured[0]!;
    };
    const [clean, again, attacked] = [await found("--attack", "none"), await found("--attack", "none"), await found()];
    expect(clean).toEqual(again);
    expect([clean.attack, clean.hessian]).toEqual([null, null]);
    expect(clean.loss).toBeLessThan(attacked.loss);
  });

  test.each([
    [["--gamma", "-1"], 2, "not negative"],
    [["--checkpoint", "first"], 2, "--checkpoint is first"],
    [["--checkpoint", "7"], 1, "no checkpoint 7"],
    [["--attack", "autoattack"], 2, "attack: got"],
    [["--network", "small-cnn"], 2, "--network is of a .safetensors"],
  ] as const)("refuses %j", async (args, expected, message) => {
    const { code, stderr } = await sharpness(...args);
    expect([code, stderr]).toEqual([expected, expect.stringContaining(message)]);
  });
});
