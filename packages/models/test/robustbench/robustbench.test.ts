import { fileURLToPath } from "node:url";
import { normal, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { disposeNetwork, robustBenchModel, robustBenchModels } from "../../src";
import { perImage } from "../../src/robustbench/architectures";
import { rankedAccuracy } from "../../src/robustbench/robustbench-model";
import { cases } from "../architecture/pytorch/cases";
import { page } from "./page";

const boards = [
  { dataset: "cifar10", threatModel: "linf", loads: 17 },
  { dataset: "cifar10", threatModel: "l2", loads: 20 },
  { dataset: "cifar100", threatModel: "linf", loads: 14 },
] as const;

describe.each(boards)("RobustBench's leaderboard of $dataset $threatModel", ({ dataset, threatModel, loads }) => {
  const models = robustBenchModels.filter((model) => model.dataset === dataset && model.threatModel === threatModel);

  test("has each name once, best first", () => {
    expect(new Set(models.map(({ name }) => name)).size).toBe(models.length);
    const accuracies = models.map(rankedAccuracy);
    expect(accuracies).toEqual([...accuracies].sort((a, b) => b - a));
  });

  test(`loads ${loads} of its top 20`, () => {
    const built = models.slice(0, 20).filter(({ network }) => network !== undefined);
    expect(built).toHaveLength(loads);
  });

  test("says why where there is no network, and where the file is where there is one", () => {
    for (const { name, network, unsupported, source } of models) {
      expect(network === undefined, name).toBe(unsupported !== undefined);
      if (network !== undefined) expect(source?.googleDriveId, name).toMatch(/^[\w-]{33}$/);
    }
  });

  test("holds fractions that attacks only lower", () => {
    for (const { name, cleanAccuracy, autoAttackAccuracy, externalAccuracy = 0 } of models) {
      expect(cleanAccuracy, name).toBeLessThan(1);
      expect(autoAttackAccuracy, name).toBeLessThan(cleanAccuracy);
      expect(externalAccuracy, name).toBeLessThan(autoAttackAccuracy + 1e-9);
    }
  });
});

test("every network of RobustBench's table has a case that is compared with PyTorch", () => {
  const architectures = robustBenchModels.flatMap(({ architecture, network }) => (network ? [architecture] : []));
  const compared = cases.map(({ name }) => name);
  // Widths differ: a case is as deep, and narrow.
  const narrow = (name: string) => name.replace(/((?:DM|^)WideResNet-\d+)-\d+/, "$1");
  expect([...new Set(architectures.map(narrow))].filter((name) => !compared.includes(name))).toEqual([]);
});

test("the page of the documentation is the table's", async () => {
  const path = fileURLToPath(new URL("../../../../docs/robustbench.md", import.meta.url));
  await expect(page(robustBenchModels)).toMatchFileSnapshot(path);
});

describe("robustBenchModel", () => {
  test("finds AWP's own on each leaderboard, CIFAR-10 and ℓ∞ first", () => {
    expect(robustBenchModel("Wu2020Adversarial").cleanAccuracy).toBe(0.8536);
    expect(robustBenchModel("Wu2020Adversarial", { threatModel: "l2" }).autoAttackAccuracy).toBe(0.7366);
    expect(robustBenchModel("Wu2020Adversarial", { dataset: "cifar100" }).autoAttackAccuracy).toBe(0.2886);
    expect(robustBenchModel("Cui2020Learnable_34_20_LBGAT6").dataset).toBe("cifar100");
    expect(robustBenchModel("Zhang2019Theoretically").epsilon).toBe(0.031);
    expect(robustBenchModel("Andriushchenko2020Understanding").weights.key).toBe("last");
  });

  test("names those most like a name that is not there", () => {
    expect(() => robustBenchModel("Wu2020Adverserial")).toThrow('name: got "Wu2020Adverserial", want a name of any');
    expect(() => robustBenchModel("wu2020")).toThrow("Wu2020Adversarial");
    expect(() => robustBenchModel("Carmon2019Unlabeled", { threatModel: "l2" })).toThrow("of l2");
  });
});

test("a small network of the table takes images in [0, 1] and owns its variables alone", async () => {
  const network = robustBenchModel("Sehwag2021Proxy_R18").network?.({ random: random(0) });
  if (network === undefined) throw new Error("no network");
  const images = tf.zeros([1, 8, 8, 3]) as tf.Tensor4D;
  expect(() => network.forward(images, "eval")).toAllocate(1);
  disposeNetwork(network);
});

test("normalisation by image leaves mean 0 and PyTorch's deviation 1, and a flat image 0", async () => {
  const x = tf.concat([normal(random(3), [1, 4, 4, 3]), tf.ones([1, 4, 4, 3])]) as tf.Tensor4D;
  expect(() => perImage(x)).toAllocate(1);
  const [image = [], flat = []] = (await tf.reshape(perImage(x), [2, 48]).array()) as number[][];
  const sum = image.reduce((sum, value) => sum + value, 0);
  const squares = image.reduce((sum, value) => sum + value * value, 0);
  expect(sum).toBeCloseTo(0, 4);
  expect(squares / 47).toBeCloseTo(1, 4);
  expect(new Set(flat)).toEqual(new Set([0]));
});
