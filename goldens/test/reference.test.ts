import { evaluate, fgsm, marginObjective, pgd } from "@awp/attacks";
import { type Attack, type Classifier, drain, type Network, random, useBackend } from "@awp/core";
import { batches, type Dataset, subset } from "@awp/data";
import { cifar10 } from "@awp/data/node";
import { disposeNetwork, wideResNet } from "@awp/models";
import { loadWeights } from "@awp/models/node";
import { goldenPath, readGolden, sharedFolder, skipLong, skipWithoutShared } from "@awp/testing";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

interface Reference {
  readonly clean_correct: string;
  readonly deterministic_zero_start: Readonly<Record<string, number>>;
}

const options = { norm: "linf", epsilon: 8 / 255 } as const;
const steps = { ...options, stepSize: 2 / 255, start: "clean" } as const;
const reference = readGolden<Reference>(join("robust-wrn-10-1", "reference.json"));
/** Positions of the test images that the network recognises. */
const recognised = [...reference.clean_correct].flatMap((flag, index) => (flag === "1" ? [index] : []));

describe("a robust network, attacked on real images", { timeout: 300_000 }, () => {
  let network: Network;
  let images: Dataset;

  beforeEach(async (context) => {
    skipWithoutShared("data/cifar-10-subset", context);
    await useBackend("wasm");
    images = await cifar10({ directory: sharedFolder("data/cifar-10-subset") as string, split: "test" });
    network = wideResNet({ depth: 10, widen: 1, classes: 10, random: random(0) });
    await loadWeights(network, goldenPath(join("robust-wrn-10-1", "weights.safetensors")));
  });

  afterEach(() => {
    if (network !== undefined) disposeNetwork(network);
  });

  function evaluated(attack: Attack, on: Dataset) {
    const classifier: Classifier = (x) => network.forward(x, "eval");
    return drain(evaluate({ classifier, attack, batches: batches(on, { batchSize: 100 }), random: random(0) }));
  }

  async function expectRobust(name: string, attack: Attack): Promise<void> {
    const { perExample } = await evaluated(attack, subset(images, recognised));
    const robust = perExample.filter((example) => example.robust).length;
    const wanted = 200 * (reference.deterministic_zero_start[name] as number);
    expect(Math.abs(robust - wanted)).toBeLessThan(1.01);
  }

  test("recognises the images that the reference code says", async () => {
    const { perExample } = await evaluated(fgsm(options), subset(images, { end: 200 }));
    expect(perExample.map(({ natural }) => Number(natural)).join("")).toBe(reference.clean_correct);
  });

  test("has the reference's accuracy under FGSM, within one image", async () => {
    await expectRobust("fgsm", fgsm(options));
  });

  test("has the reference's accuracy under PGD-20, within one image", async (context) => {
    skipLong("an attack of 20 steps on 80 images", context); // on 16 of them it runs as golden file, image by image
    await expectRobust("pgd20_step_2_255", pgd({ ...steps, steps: 20 }));
  });

  test("has the reference's accuracy under 100 steps on the CW margin, within one image", async (context) => {
    skipLong("an attack of 100 steps on 80 images", context);
    await expectRobust("cw_margin_pgd100_step_2_255", pgd({ ...steps, steps: 100, objective: marginObjective() }));
  });
});
