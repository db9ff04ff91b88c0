import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { EvaluationReport } from "../../src/evaluate/report";
import { temporaryFolder } from "../temporary-folder";
import { awp } from "../written";
import { randomWeights, writeLayersModel } from "./linear-model";
import { type Pictures, randomPictures, writePictures } from "./pictures";

const side = 4;
const weights = randomWeights(side * side * 3, 2);
const norms = {
  linf: (w: readonly number[]) => w.reduce((sum, value) => sum + Math.abs(value), 0),
  l2: (w: readonly number[]) => Math.hypot(...w),
};

/** The least radius that breaks each picture: its margin over the dual norm of the weights' difference, 0 for an error. */
function leastRadii({ pictures }: Pictures, norm: keyof typeof norms): number[] {
  return pictures.map(({ label, pixels }) => {
    const difference = weights.map((row) => row[label]! - row[1 - label]!);
    const margin = difference.reduce((sum, weight, pixel) => sum + (weight * pixels[pixel]!) / 255, 0);
    return Math.max(0, margin / norms[norm](difference));
  });
}

describe("accuracy against epsilon on a linear model of two classes", () => {
  const pictures = randomPictures(side, 2, 12, weights);
  let data = "";
  let model = "";
  beforeEach(async () => {
    const folder = await temporaryFolder();
    data = await writePictures(join(folder, "pictures"), pictures);
    model = await writeLayersModel(folder, { shape: [side, side, 3], weights, softmax: false });
  });

  async function report(...args: string[]): Promise<EvaluationReport> {
    const { code, stdout, stderr } = await awp(
      "evaluate",
      model,
      "--data",
      data,
      "--backend",
      "cpu",
      "--json",
      ...args,
    );
    expect([code, stderr.includes("error")]).toEqual([0, false]);
    return JSON.parse(stdout) as EvaluationReport;
  }

  test.each([
    ["linf", "fgsm"],
    ["l2", "fgsm"],
    ["linf", "pgd-20"],
    ["l2", "deepfool"],
    ["linf", "apgd"],
  ] as const)("in %s %s breaks each picture at the radius that its margin says", async (norm, attack) => {
    const radii = leastRadii(pictures, norm);
    const sorted = radii.filter((radius) => radius > 0).sort((a, b) => a - b);
    // Between two pictures' radii that are far apart: DeepFool goes 2 % past the boundary.
    const between = sorted.flatMap((radius, i) => (sorted[i + 1]! > 1.1 * radius ? [1.05 * radius] : []));
    expect(between.length).toBeGreaterThan(2);
    const epsilons = [0, ...between, 1.1 * sorted.at(-1)!];
    const { naturalAccuracy, accuracies, perExample } = await report(
      ...["--attack", attack, "--norm", norm, "--epsilon", epsilons.join()],
    );
    const robustAt = (epsilon: number): number => radii.filter((radius) => radius > epsilon).length / radii.length;
    expect(naturalAccuracy).toBe(robustAt(0));
    expect(accuracies).toEqual(epsilons.map((epsilon) => ({ epsilon, robustAccuracy: robustAt(epsilon) })));
    expect(accuracies[0]?.robustAccuracy).toBe(naturalAccuracy);
    for (const [row, { index, natural, robust, brokenBy, file }] of perExample.entries()) {
      expect([index, natural, robust]).toEqual([row, radii[row]! > 0, false]);
      const broken = epsilons.filter((epsilon) => natural && epsilon > radii[row]!);
      expect(brokenBy.map((found) => [found.attack, found.epsilon])).toEqual(
        broken.map((epsilon) => [attack, epsilon]),
      );
      expect(file).toBe(
        join(data, pictures.classNames[pictures.pictures[row]!.label]!, `${String(row).padStart(3, "0")}.png`),
      );
      if (attack === "deepfool")
        for (const { distance } of brokenBy) expect(distance! / radii[row]!).toBeCloseTo(1.02, 2);
    }
  });
});
