import type { ThreatModel } from "@awp/core";
import type { Recipe, RecipeNorm } from "./recipe";

/** The balls in which the reference runs attack, in the scale of [0, 1]. */
export const threats: Readonly<Record<RecipeNorm, ThreatModel>> = {
  linf: { norm: "linf", epsilon: 8 / 255 },
  l2: { norm: "l2", epsilon: 128 / 255 },
};

/** What all runs of AWP's authors share, whatever the method, the data set and the norm. */
export const shared: Pick<
  Recipe,
  "network" | "weightPerturbation" | "decayAt" | "optimizer" | "epochs" | "batchSize" | "dropLast"
> = {
  network: "preactresnet-18",
  weightPerturbation: null,
  decayAt: "perturbed",
  optimizer: { momentum: 0.9, nesterov: false, weightDecay: 5e-4 },
  epochs: 200,
  batchSize: 128,
  dropLast: false,
};

/** The ball of MART's and RST's authors, their images as they are, and their attack from beside them. */
export const besideImages: Pick<Recipe, "normalization" | "threat" | "attack"> = {
  normalization: null,
  threat: { norm: "linf", epsilon: 0.031 },
  attack: { stepSize: 0.007, steps: 10, start: "gaussian", startScale: 0.001, mode: "eval" },
};

/** Crop after a border of zeros, and flip: the augmentation of most runs. */
export const cropAndFlip: Recipe["augmentation"] = [{ kind: "pad-crop", padding: 4, mode: "zero" }, { kind: "flip" }];

/** The data sets of AWP's authors. */
export type Dataset = "cifar10" | "cifar100" | "svhn";

type DatasetSettings = Pick<Recipe, "schedule" | "augmentation" | "normalization">;

/** What the runs of adversarial training on a data set share, whatever the norm. */
export const datasetSettings: Readonly<Record<Dataset, DatasetSettings>> = {
  cifar10: {
    schedule: { name: "piecewise", learningRate: 0.1 },
    augmentation: [{ kind: "pad-crop", padding: 4, mode: "reflect" }, { kind: "flip" }],
    normalization: "cifar10",
  },
  cifar100: {
    schedule: { name: "piecewise", learningRate: 0.1 },
    augmentation: [...cropAndFlip, { kind: "rotation", degrees: 15 }],
    normalization: "cifar100",
  },
  svhn: {
    schedule: { name: "piecewise", learningRate: 0.01 },
    augmentation: [],
    normalization: "svhn",
  },
};

/** A recipe with AWP added and nothing else changed. */
export function withAwp(recipe: Recipe, gamma: number, warmupEpochs = 0): Recipe {
  return { ...recipe, weightPerturbation: { direction: "gradient", gamma, warmupEpochs } };
}
