import type { Recipe, RecipesOf } from "./recipe";
import { cropAndFlip, shared, threats } from "./reference-settings";

const epochs = 400;

const linf: Recipe = {
  ...shared,
  network: "wideresnet-28-10",
  normalization: null,
  threat: threats.linf,
  attack: { stepSize: 2 / 255, steps: 10, start: "uniform", mode: "train-frozen" },
  defense: { kind: "trades", beta: 5, auxiliaryForwards: false },
  regularization: { labelSmoothing: 0.1 },
  average: { decay: 0.995, growing: true, start: 0.025 * epochs, statistics: "live" },
  optimizer: { momentum: 0.9, nesterov: true, weightDecay: 5e-4, decaysBatchNorm: false },
  schedule: {
    name: "oneCycle",
    learningRate: 0.2,
    perEpoch: true,
    pctStart: 0.025,
    momentum: { base: 0.85, max: 0.95 },
  },
  epochs,
  batchSize: 512,
  extraFraction: 0.7,
  augmentation: cropAndFlip,
  evaluation: { stepSize: 2 / 255, steps: 40, restarts: 1 },
};

/**
 * Better diffusion models (DMAT, Wang et al. 2023, arXiv:2302.04638): TRADES on batches of which 70 % are generated, with
 * an average of the weights.
 *
 * What is not theirs: the network, which has SiLU, other padding and the data set's channel statistics inside there; the
 * momentum of the running statistics, 0.01 there; the selection, by a margin loss there.
 */
export const dmat: RecipesOf<"cifar10" | "cifar100", "linf"> = { cifar10: { linf }, cifar100: { linf } };
