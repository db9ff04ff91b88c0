import type { Recipe, RecipesOf } from "./recipe";
import { besideImages, cropAndFlip, shared, withAwp } from "./reference-settings";

const linf: Recipe = {
  ...shared,
  ...besideImages,
  network: "wideresnet-34-10",
  defense: { kind: "mart", beta: 6 },
  optimizer: { momentum: 0.9, nesterov: false, weightDecay: 7e-4 },
  // From its 75th and its 90th epoch on, of which the second is the last.
  schedule: { name: "multiStep", learningRate: 0.1, milestones: [74, 89], factor: 0.1 },
  epochs: 90,
  augmentation: cropAndFlip,
  evaluation: { stepSize: 0.0031, steps: 20, restarts: 1 },
};

/** MART as its authors' code runs it for a WideResNet-34-10 (Wang et al. 2020, ICLR). */
export const mart: RecipesOf<"cifar10", "linf"> = { cifar10: { linf } };

/**
 * {@link mart} with AWP. Nobody has published this run: the radius is that of TRADES-AWP's code, and it begins at once.
 * Without a warm-up published figures of others are known to have collapsed; see `chance` of `train`.
 */
export const martAwp: RecipesOf<"cifar10", "linf"> = { cifar10: { linf: withAwp(linf, 0.005) } };
