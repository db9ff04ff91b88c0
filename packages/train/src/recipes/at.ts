import type { Recipe, RecipeDataset, RecipeNorm, RecipesByDataset } from "./recipe";
import { datasetSettings, threats } from "./reference-settings";

const plain: RecipesByDataset = {
  cifar10: { linf: recipe("cifar10", "linf", 2 / 255), l2: recipe("cifar10", "l2", 15 / 255) },
  cifar100: { linf: recipe("cifar100", "linf", 2 / 255), l2: recipe("cifar100", "l2", 15 / 255) },
  svhn: { linf: recipe("svhn", "linf", 1 / 255), l2: recipe("svhn", "l2", 15 / 255) },
};

const awp: RecipesByDataset = {
  cifar10: { linf: withAwp(plain.cifar10.linf), l2: withAwp(plain.cifar10.l2) },
  cifar100: { linf: withAwp(plain.cifar100.linf), l2: withAwp(plain.cifar100.l2) },
  svhn: { linf: withAwp(plain.svhn.linf, 5), l2: withAwp(plain.svhn.l2) },
};

/**
 * Adversarial training, `plain` and with `awp`, as Wu, Xia, Wang 2020 (arXiv:2004.05884) ran it after Rice, Wong, Kolter
 * 2020 (arXiv:2002.11569).
 *
 * Two accidents of the reference are not reproduced: SVHN's l2 attack starts outside the ball, and on CIFAR-10 the first
 * batch of every epoch but the first is attacked in evaluation mode.
 */
export const at: { readonly plain: RecipesByDataset; readonly awp: RecipesByDataset } = { plain, awp };

function recipe(dataset: RecipeDataset, norm: RecipeNorm, stepSize: number): Recipe {
  return {
    ...datasetSettings[dataset],
    threat: threats[norm],
    attack: { stepSize, steps: 10 },
    evaluation: { stepSize, steps: 20, restarts: 1 },
    weightPerturbation: null,
    attackMode: "train",
    auxiliaryForwards: true,
    decayAt: "perturbed",
  };
}

function withAwp(without: Recipe, warmupEpochs = 0): Recipe {
  return { ...without, weightPerturbation: { gamma: 0.01, warmupEpochs } };
}
