import type { Recipe, RecipesOf } from "./recipe";
import { cropAndFlip, shared, threats, withAwp } from "./reference-settings";

const plain: Recipe = {
  ...shared,
  network: "wideresnet-34-10",
  normalization: null,
  threat: threats.linf,
  attack: { stepSize: 4 / 255, steps: 5, start: "gaussian", startScale: 0.001, mode: "eval" },
  epsilonRamp: 200,
  defense: { kind: "dkl", alpha: 4, beta: 20 },
  average: { decay: 0.9996, growing: false, start: 150, statistics: "average" },
  schedule: { name: "cosine", learningRate: 0.1, perEpoch: true },
  augmentation: cropAndFlip,
  evaluation: { stepSize: 2 / 255, steps: 20, restarts: 1 },
};

const linf = withAwp(plain, 0.005, 9);

/**
 * Training with the improved KL divergence and AWP (Cui et al. 2023, arXiv:2305.13948), as the authors' code of its second
 * version runs it without generated images, with the larger of its two budgets; by default it has 2 steps of epsilon.
 *
 * What is not theirs: their class prior is made anew after each epoch and uniform here (`dkl` of `@awp/defenses` takes
 * one); their cosine is one epoch ahead, of a course one epoch longer; the evaluation after each epoch is ours.
 */
export const dklAwp: RecipesOf<"cifar10" | "cifar100", "linf"> = { cifar10: { linf }, cifar100: { linf } };
