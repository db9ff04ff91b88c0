import { evaluate, fgsm, marginObjective, pgd } from "@awp/attacks";
import { type Attack, type Classifier, drain, random, useBackend } from "@awp/core";
import { batches, type Dataset, subset } from "@awp/data";
import { cifar10 } from "@awp/data/node";
import { disposeNetwork, wideResNet } from "@awp/models";
import { loadWeights } from "@awp/models/node";
import { goldenPath, readGolden, sharedFolder, skipWithoutShared } from "@awp/testing";
import { join } from "node:path";
import { expect, test } from "vitest";

interface Reference {
  readonly clean_correct: string;
  readonly deterministic_zero_start: Readonly<Record<string, number>>;
}

const options = { norm: "linf", epsilon: 8 / 255 } as const;
const steps = { ...options, stepSize: 2 / 255, start: "clean" } as const;
const attacks: Readonly<Record<string, Attack>> = {
  fgsm: fgsm(options),
  pgd20_step_2_255: pgd({ ...steps, steps: 20 }),
  cw_margin_pgd100_step_2_255: pgd({ ...steps, steps: 100, objective: marginObjective() }),
};

test("a robust network has the accuracies that the reference code gives it on real images", {
  timeout: 300_000,
}, async (context) => {
  skipWithoutShared("data/cifar-10-subset", context);
  await useBackend("wasm");
  const reference = readGolden(join("robust-wrn-10-1", "reference.json")) as Reference;
  const network = wideResNet({ depth: 10, widen: 1, classes: 10, random: random(0) });
  await loadWeights(network, goldenPath(join("robust-wrn-10-1", "weights.safetensors")));
  const directory = sharedFolder("data/cifar-10-subset") as string;
  const all = await cifar10({ directory, split: "test" });
  const right = [...reference.clean_correct].flatMap((flag, index) => (flag === "1" ? [index] : []));
  const classifier: Classifier = (x) => network.forward(x, "eval");
  const evaluated = (attack: Attack, on: Dataset) =>
    drain(evaluate({ classifier, attack, batches: batches(on, { batchSize: 100 }), random: random(0) }));

  const { perExample } = await evaluated(fgsm(options), subset(all, { end: 200 }));
  expect(perExample.map(({ natural }) => Number(natural)).join("")).toBe(reference.clean_correct);
  for (const [name, attack] of Object.entries(attacks)) {
    const { perExample: found } = await evaluated(attack, subset(all, right));
    const robust = found.filter((example) => example.robust).length;
    expect(Math.abs(robust - 200 * (reference.deterministic_zero_start[name] as number)), name).toBeLessThan(1.01);
  }
  disposeNetwork(network);
});
