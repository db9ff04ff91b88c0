import { drain, random } from "@awp/core";
import { relabelled, synthetic } from "@awp/data";
import { disposeNetwork } from "@awp/models";
import { train, type TrainSummary } from "@awp/train";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { pipeline, type Recipe, recipeNamed, recipeNames, recipes } from "../src/index";

const world = { random: random(0).fold(0), size: 8 };
const images = synthetic({ ...world, count: 20 });
const extra = relabelled(synthetic({ ...world, count: 10 }), { indices: [3, 4], classes: [1, 2] });

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

/** The weights that a recipe leads to, and what the training came to. */
async function followed(
  recipe: Recipe,
  from = 3,
): Promise<{ readonly weights: number[]; readonly summary: TrainSummary }> {
  const options = pipeline(recipe, { images, extra, evaluated: images, random: random(from) });
  try {
    const summary = await drain(train(options));
    const weights = [...options.network.parameters.values()].flatMap((each) => [...each.dataSync()]);
    return { weights, summary };
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
    expect((await followed(recipe, 4)).weights).not.toEqual(one.weights);
  });

  it("refuses a network that it does not know", () => {
    const recipe = { ...recipes.at.cifar10.linf, network: "resnet" };
    expect(() => pipeline(recipe, { images, random: random(0) })).toThrow('model: got "resnet"');
  });
});
