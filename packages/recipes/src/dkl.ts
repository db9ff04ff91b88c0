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
  schedule: { name: "multiStep", learningRate: 0.1, milestones: [99, 149], factor: 0.1 },
  augmentation: cropAndFlip,
  evaluation: { stepSize: 2 / 255, steps: 20, restarts: 1 },
};

const linf = withAwp(plain, 0.005, 10);

/**
 * Training with the improved KL divergence and AWP (Cui et al. 2023, arXiv:2305.13948), without generated images.
 *
 * The weights of the loss, AWP's radius and warm-up and the growing epsilon with steps of half of it are the authors'
 * code's; the schedule, the epochs and the batch are those of TRADES-AWP, from whose code theirs is made. Their class
 * prior is uniform here (`dkl` of `@awp/defenses` takes one), and their average of the weights at the end is left out.
 */
export const dklAwp: RecipesOf<"cifar10" | "cifar100", "linf"> = { cifar10: { linf }, cifar100: { linf } };
