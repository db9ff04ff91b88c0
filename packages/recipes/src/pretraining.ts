import type { Recipe, RecipesOf } from "./recipe";
import { cropAndFlip, shared, threats, withAwp } from "./reference-settings";

const common: Omit<Recipe, "schedule"> = {
  ...shared,
  network: "wideresnet-28-10",
  // 2x − 1, which is what SVHN's statistics come to.
  normalization: "svhn",
  threat: threats.linf,
  attack: { stepSize: 2 / 255, steps: 10, mode: "train" },
  defense: { kind: "at", auxiliaryForwards: false },
  optimizer: { momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
  augmentation: [...cropAndFlip].reverse(),
  evaluation: { stepSize: 2 / 255, steps: 20, restarts: 1 },
};

/**
 * Adversarial pre-training on ImageNet-32 (Hendrycks, Lee, Mazeika 2019, arXiv:1901.09960). An accident of their attack, a
 * ball around the image with its noise, is not reproduced; the rate falls to 0 and not to 1e-6.
 */
export const pretraining: RecipesOf<"imagenet32", "linf"> = {
  imagenet32: {
    linf: { ...common, schedule: { name: "cosine", learningRate: 0.1 }, epochs: 100, batchSize: 256 },
  },
};

const tuned: Recipe = { ...common, schedule: { name: "cosine", learningRate: 0.001 }, epochs: 5 };

/** The fine-tuning after {@link pretraining}, of its weights with a new last layer: give the pipeline that network. */
export const finetuning: RecipesOf<"cifar10" | "cifar100", "linf"> = {
  cifar10: { linf: tuned },
  cifar100: { linf: tuned },
};

/** {@link finetuning} with AWP. AWP's authors published no code of it; the radius is that of TRADES-AWP's. */
export const finetuningAwp: RecipesOf<"cifar10" | "cifar100", "linf"> = {
  cifar10: { linf: withAwp(tuned, 0.005) },
  cifar100: { linf: withAwp(tuned, 0.005) },
};
