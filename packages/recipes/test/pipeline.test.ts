import { drain, random, useBackend } from "@awp/core";
import { relabelled, synthetic } from "@awp/data";
import { disposeNetwork } from "@awp/models";
import { train, type TrainOptions, type TrainSummary } from "@awp/train";
import { runDirectory } from "@awp/train/node";
import * as tf from "@tensorflow/tfjs-core";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { pipeline, type Recipe, recipeNamed, recipeNames, recipes } from "../src/index";

const world = { random: random(0).fold(0), size: 8 };
const images = synthetic({ ...world, count: 20 });
const extra = relabelled(synthetic({ ...world, count: 10 }), { indices: [3, 4], classes: [1, 2] });

beforeAll(() => useBackend("wasm"));

const decaying = { momentum: 0.9, nesterov: false, weightDecay: 0.5 };

/** A recipe as it can be followed in a moment. */
const smaller = (recipe: Recipe): Recipe => ({
  ...recipe,
  network: "small-cnn",
  epochs: 1,
  batchSize: 8,
  attack: { ...recipe.attack, steps: 2 },
  ...(recipe.average && { average: { ...recipe.average, start: 0 } }),
  evaluation: recipe.evaluation && { ...recipe.evaluation, steps: 2 },
});

interface Followed {
  /** Of the network, and of its average if it has one. */
  readonly weights: number[];
  readonly summary: TrainSummary;
}

/** What a recipe leads to from a seed; it may be told to pause after some steps. */
async function followed(
  recipe: Recipe,
  { seed = 3, pauseAfter = Infinity, ...more }: Partial<TrainOptions> & { seed?: number; pauseAfter?: number } = {},
): Promise<Followed> {
  const options = pipeline(recipe, { images, extra, evaluated: images, random: random(seed) });
  const pause = new AbortController();
  let steps = 0;
  try {
    const training = train({ ...options, ...more, reportEvery: 1, pause: pause.signal });
    const summary = await drain(training, ({ kind }) => {
      if (kind === "step" && ++steps === pauseAfter) pause.abort();
    });
    const { network, average } = options;
    const variables = [...network.parameters.values(), ...(average?.weights.parameters.values() ?? [])];
    return { weights: variables.flatMap((each) => [...each.dataSync()]), summary };
  } finally {
    options.average?.dispose();
    options.optimizer.dispose();
    disposeNetwork(options.network);
  }
}

describe("a pipeline", () => {
  it.each(recipeNames)("follows %s, and leaves no tensor", async (name) => {
    const before = tf.memory().numTensors;
    const recipe = smaller(recipeNamed(name));
    const { weights, summary } = await followed(recipe);
    expect(weights.every(Number.isFinite)).toBe(true);
    expect(summary).toMatchObject({ epochs: 1, steps: 3 });
    expect(Object.keys(summary.metrics)).toEqual(recipe.evaluation ? ["natural", "robust"] : ["natural"]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each<[string, Partial<Recipe>]>([
    ["l1", { regularization: { l1: 1e-3 } }],
    ["l2", { regularization: { l2: 1e-3 } }],
    ["label smoothing", { regularization: { labelSmoothing: 0.1 } }],
    ["mixup", { regularization: { mixup: 1 } }],
    ["cutout", { augmentation: [{ kind: "cutout", size: 4 }] }],
    ["a growing epsilon", { epsilonRamp: 2 }],
    [
      "a momentum of the cycle",
      { schedule: { name: "oneCycle", learningRate: 0.1, momentum: { base: 0.1, max: 0.2 } } },
    ],
    ["batch normalisation that does not decay", { optimizer: { ...decaying, decaysBatchNorm: false } }],
  ])("trains otherwise with %s", async (_name, change) => {
    const recipe: Recipe = { ...smaller(recipes.at.cifar10.linf), augmentation: [], optimizer: decaying };
    const schedule = change.schedule && { name: "oneCycle" as const, learningRate: 0.1 };
    const plain = await followed({ ...recipe, ...(schedule && { schedule }) });
    const changed = await followed({ ...recipe, ...change });
    expect(changed.weights.every(Number.isFinite)).toBe(true);
    expect(changed.weights).not.toEqual(plain.weights);
  });

  it.each(["at-awp", "trades-awp", "mart-awp", "rst-awp", "finetuning-awp", "dmat", "dkl-awp"] as const)(
    "goes on with %s after a pause within an epoch as if there had been none, bit for bit",
    async (name) => {
      const folder = mkdtempSync(join(tmpdir(), "awp-recipes-"));
      try {
        const recipe: Recipe = { ...smaller(recipes[name].cifar10.linf), epochs: 2 };
        const store = runDirectory(folder);
        const { summary } = await followed(recipe, { store, pauseAfter: 5 });
        expect(summary.paused).toMatchObject({ epoch: 1, step: 2 });
        const { weights } = await followed(recipe, { store, resume: true });
        expect(weights).toEqual((await followed(recipe)).weights);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );

  it("asks for the second set that a recipe mixes in", () => {
    expect(() => pipeline(recipes.rst.cifar10.linf, { images, random: random(0) })).toThrow("extra: got undefined");
  });

  it("perturbs the weights as the recipe says, and not while it warms up", async () => {
    const recipe = smaller(recipes["at-awp"].cifar10.linf);
    const perturbed = (weightPerturbation: Partial<Recipe["weightPerturbation"]>): Recipe => ({
      ...recipe,
      weightPerturbation: { direction: "gradient", gamma: 0.1, warmupEpochs: 0, ...weightPerturbation },
    });
    const { weights: plain } = await followed({ ...recipe, weightPerturbation: null });
    const along = await followed(perturbed({}));
    const astray = await followed(perturbed({ direction: "random" }));
    expect((await followed(perturbed({ warmupEpochs: 1 }))).weights).toEqual(plain);
    expect(along.weights).not.toEqual(plain);
    expect(astray.weights).not.toEqual(plain);
    expect(astray.weights).not.toEqual(along.weights);
  });

  it("leaves out the last batch where the recipe does, and depends on its seed", async () => {
    const recipe = { ...smaller(recipes.at.cifar10.linf), dropLast: true };
    const one = await followed(recipe);
    expect(one.summary.steps).toBe(2);
    expect((await followed(recipe)).weights).toEqual(one.weights);
    expect((await followed(recipe, { seed: 4 })).weights).not.toEqual(one.weights);
  });

  it("refuses label smoothing where the loss has none", () => {
    const recipe: Recipe = { ...recipes.mart.cifar10.linf, regularization: { labelSmoothing: 0.1 } };
    expect(() => pipeline(recipe, { images, random: random(0) })).toThrow("labelSmoothing: got 0.1, want 0 with mart");
  });

  it("refuses a network that it does not know", () => {
    const recipe = { ...recipes.at.cifar10.linf, network: "resnet" };
    expect(() => pipeline(recipe, { images, random: random(0) })).toThrow('model: got "resnet"');
  });
});
