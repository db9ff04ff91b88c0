import type { Recipe, RecipeNorm, RecipesOf } from "./recipe";
import { type Dataset, datasetSettings, shared, threats, withAwp } from "./reference-settings";

/**
 * Adversarial training as Wu, Xia, Wang 2020 (arXiv:2004.05884) ran it after Rice, Wong, Kolter 2020 (arXiv:2002.11569),
 * for a PreActResNet-18 and as well a WideResNet-34-10. The reference draws its augmentation once per epoch for every
 * image.
 *
 * Two accidents of the reference are not reproduced: SVHN's l2 attack starts outside the ball, and on CIFAR-10 the first
 * batch of every epoch but the first is attacked in evaluation mode.
 */
export const at: RecipesOf<Dataset> = {
  cifar10: { linf: recipe("cifar10", "linf", 2 / 255), l2: recipe("cifar10", "l2", 15 / 255) },
  cifar100: { linf: recipe("cifar100", "linf", 2 / 255), l2: recipe("cifar100", "l2", 15 / 255) },
  svhn: { linf: recipe("svhn", "linf", 1 / 255), l2: recipe("svhn", "l2", 15 / 255) },
};

const gamma = 0.01;

/** {@link at} with AWP. */
export const atAwp: RecipesOf<Dataset> = {
  cifar10: { linf: withAwp(at.cifar10.linf, gamma), l2: withAwp(at.cifar10.l2, gamma) },
  cifar100: { linf: withAwp(at.cifar100.linf, gamma), l2: withAwp(at.cifar100.l2, gamma) },
  svhn: { linf: withAwp(at.svhn.linf, gamma, 5), l2: withAwp(at.svhn.l2, gamma) },
};

function recipe(dataset: Dataset, norm: RecipeNorm, stepSize: number): Recipe {
  return {
    ...shared,
    ...datasetSettings[dataset],
    threat: threats[norm],
    attack: { stepSize, steps: 10, mode: "train" },
    defense: { kind: "at", auxiliaryForwards: true },
    evaluation: { stepSize, steps: 20, restarts: 1 },
  };
}
