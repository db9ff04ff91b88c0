import type { ThreatModel } from "@awp/core";
import type { DecayAt } from "../step/step-options";
import type { MultiStepOptions, ReferenceSchedules } from "../optimizer/reference-schedules";

/** A random change of the training images. The reference draws its choices once per epoch for every image. */
export type RecipeAugmentation =
  | { readonly kind: "pad-crop"; readonly padding: number; readonly mode: "reflect" | "zero" }
  | { readonly kind: "flip" }
  | { readonly kind: "rotation"; readonly degrees: number };

/** The data sets of the reference runs; `@awp/data` has their channel statistics as `normalizations` by these names. */
export type RecipeDataset = "cifar10" | "cifar100" | "svhn";

/** The norms of the reference runs. */
export type RecipeNorm = "linf" | "l2";

/** What every recipe has, for a PreActResNet-18 or a WideResNet-34-10. */
interface SharedRecipe {
  readonly threat: ThreatModel;
  /** PGD in training, in the scale of [0, 1]; its last iterate is used. */
  readonly attack: { readonly stepSize: number; readonly steps: number };
  /** AWP; `null` without. Its warm-up is in epochs. */
  readonly weightPerturbation: { readonly gamma: number; readonly warmupEpochs: number } | null;
  readonly optimizer: { readonly momentum: number; readonly nesterov: boolean; readonly weightDecay: number };
  readonly batchSize: number;
  readonly augmentation: readonly RecipeAugmentation[];
  readonly attackMode: "train" | "eval";
  readonly auxiliaryForwards: boolean;
  readonly decayAt: DecayAt;
}

/** Every hyper-parameter of a reference run of adversarial training. */
export interface Recipe extends SharedRecipe {
  /** PGD for the robust accuracy after each epoch. */
  readonly evaluation: { readonly stepSize: number; readonly steps: number; readonly restarts: number };
  readonly schedule: {
    readonly name: keyof ReferenceSchedules;
    readonly learningRate: number;
    readonly epochs: number;
  };
  /** Whose channel statistics the images in [0, 1] are normalised with: a key of `normalizations` in `@awp/data`. */
  readonly normalization: RecipeDataset;
}

/**
 * Every hyper-parameter of a reference run of TRADES. Its attack climbs the divergence from beside the image; its images
 * in [0, 1] are not normalised, and after an epoch the clean accuracy alone is taken.
 */
export interface TradesRecipe extends SharedRecipe {
  readonly attack: SharedRecipe["attack"] & { readonly start: "gaussian"; readonly startScale: number };
  readonly beta: number;
  readonly schedule: Required<MultiStepOptions> & { readonly name: "multiStep" };
}

/** A method's recipes by data set and norm. */
export type RecipesByDataset = Readonly<Record<RecipeDataset, Readonly<Record<RecipeNorm, Recipe>>>>;
