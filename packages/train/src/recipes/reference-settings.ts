import type { ThreatModel } from "@awp/core";
import type { Recipe, RecipeDataset, RecipeNorm } from "./recipe";

/** The balls in which the reference runs attack, in the scale of [0, 1]. */
export const threats: Readonly<Record<RecipeNorm, ThreatModel>> = {
  linf: { norm: "linf", epsilon: 8 / 255 },
  l2: { norm: "l2", epsilon: 128 / 255 },
};

type DatasetSettings = Pick<Recipe, "optimizer" | "batchSize" | "schedule" | "augmentation" | "normalization">;

const shared = { optimizer: { momentum: 0.9, nesterov: false, weightDecay: 5e-4 }, batchSize: 128 } as const;

/** What the reference runs on a data set share, whatever the method and the norm. */
export const datasetSettings: Readonly<Record<RecipeDataset, DatasetSettings>> = {
  cifar10: {
    ...shared,
    schedule: { name: "piecewise", learningRate: 0.1, epochs: 200 },
    augmentation: [{ kind: "pad-crop", padding: 4, mode: "reflect" }, { kind: "flip" }],
    normalization: "cifar10",
  },
  cifar100: {
    ...shared,
    schedule: { name: "piecewise", learningRate: 0.1, epochs: 200 },
    augmentation: [{ kind: "pad-crop", padding: 4, mode: "zero" }, { kind: "flip" }, { kind: "rotation", degrees: 15 }],
    normalization: "cifar100",
  },
  svhn: {
    ...shared,
    schedule: { name: "piecewise", learningRate: 0.01, epochs: 200 },
    augmentation: [],
    normalization: "svhn",
  },
};
