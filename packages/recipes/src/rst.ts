import type { Recipe, RecipesOf } from "./recipe";
import { besideImages, cropAndFlip, shared, withAwp } from "./reference-settings";

function recipe(augmentation: Recipe["augmentation"]): Recipe {
  return {
    ...shared,
    ...besideImages,
    network: "wideresnet-28-10",
    defense: { kind: "rst", beta: 6 },
    optimizer: { momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
    schedule: { name: "cosine", learningRate: 0.1, perEpoch: true },
    batchSize: 256,
    extraFraction: 0.5,
    augmentation,
    evaluation: { stepSize: 2 / 255, steps: 20, restarts: 1 },
  };
}

/**
 * Robust self-training as its authors' code runs it (Carmon et al. 2019, arXiv:1905.13736): half of each batch are images
 * with pseudo-labels. The evaluation after each epoch is ours, and on SVHN the epoch, which is 50,000 images there.
 */
export const rst: RecipesOf<"cifar10" | "svhn", "linf"> = {
  cifar10: { linf: recipe(cropAndFlip) },
  svhn: { linf: recipe([]) },
};

/**
 * {@link rst} with AWP. AWP's authors published no code of it; radius and warm-up are those of Yu et al. 2022
 * (arXiv:2205.14826), who ran it again, and of TRADES-AWP: it begins in the tenth epoch.
 */
export const rstAwp: RecipesOf<"cifar10" | "svhn", "linf"> = {
  cifar10: { linf: withAwp(rst.cifar10.linf, 0.005, 9) },
  svhn: { linf: withAwp(rst.svhn.linf, 0.005, 9) },
};
