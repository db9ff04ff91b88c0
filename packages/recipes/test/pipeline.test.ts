import { drain, random } from "@awp/core";
import { synthetic } from "@awp/data";
import { disposeNetwork } from "@awp/models";
import { train, type TrainSummary } from "@awp/train";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { pipeline, type Recipe, recipes } from "../src/index";

const images = synthetic({ random: random(0).fold(0), size: 8, count: 20 });

/** A recipe as it can be followed in a moment. */
const smaller = (recipe: Recipe): Recipe => ({
  ...recipe,
  network: "small-cnn",
  epochs: 1,
  batchSize: 8,
  attack: { ...recipe.attack, steps: 2 },
  evaluation: recipe.evaluation && { ...recipe.evaluation, steps: 2 },
});

/** The weights that a recipe leads to, and what the training came to. */
async function followed(recipe: Recipe, from = 3): Promise<{ readonly weights: number[]; readonly summary: TrainSummary }> {
  const options = pipeline(recipe, { images, evaluated: images, random: random(from) });
  try {
    const summary = await drain(train(options));
    const weights = [...options.network.parameters.values()].flatMap((each) => [...each.dataSync()]);
    return { weights, summary };
  } finally {
    options.optimizer.dispose();
    disposeNetwork(options.network);
  }
}

describe("a pipeline", () => {
  it.each(Object.entries(recipes))("follows %s, and leaves no tensor", async (_name, { cifar10 }) => {
    const before = tf.memory().numTensors;
    const recipe = smaller(cifar10.linf);
    const { weights, summary } = await followed(recipe);
    expect(weights.every(Number.isFinite)).toBe(true);
    expect(summary).toMatchObject({ epochs: 1, steps: 3 });
    expect(Object.keys(summary.metrics)).toEqual(recipe.evaluation ? ["natural", "robust"] : ["natural"]);
    expect(tf.memory().numTensors).toBe(before);
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
