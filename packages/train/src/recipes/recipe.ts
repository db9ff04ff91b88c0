import type { ThreatModel } from "@awp/core";
import type { DecayAt } from "../step/step-options";
import type { schedules } from "../optimizer/schedule";

/** A random change of the training images. The reference draws its choices once per epoch for every image. */
export type RecipeAugmentation =
  | { readonly kind: "pad-crop"; readonly padding: number; readonly mode: "reflect" | "zero" }
  | { readonly kind: "flip" }
  | { readonly kind: "rotation"; readonly degrees: number };

/** The data sets of the reference runs; `@awp/data` has their channel statistics as `normalizations` by these names. */
export type RecipeDataset = "cifar10" | "cifar100" | "svhn";

/** The norms of the reference runs. */
export type RecipeNorm = "linf" | "l2";

/** Every hyper-parameter of a reference run with a PreActResNet-18 or a WideResNet-34-10. */
export interface Recipe {
  readonly threat: ThreatModel;
  /** PGD in training, in the scale of [0, 1]; its last iterate is used. */
  readonly attack: { readonly stepSize: number; readonly steps: number };
  /** PGD for the robust accuracy after each epoch. */
  readonly evaluation: { readonly stepSize: number; readonly steps: number; readonly restarts: number };
  /** AWP; `null` in plain adversarial training. Its warm-up is in epochs. */
  readonly weightPerturbation: { readonly gamma: number; readonly warmupEpochs: number } | null;
  readonly optimizer: { readonly momentum: number; readonly nesterov: boolean; readonly weightDecay: number };
  readonly schedule: {
    readonly name: keyof typeof schedules;
    readonly learningRate: number;
    readonly epochs: number;
  };
  readonly batchSize: number;
  readonly augmentation: readonly RecipeAugmentation[];
  /** Whose channel statistics the images in [0, 1] are normalised with: a key of `normalizations` in `@awp/data`. */
  readonly normalization: RecipeDataset;
  readonly attackMode: "train" | "eval";
  readonly auxiliaryForwards: boolean;
  readonly decayAt: DecayAt;
}

/** A method's recipes by data set and norm. */
export type RecipesByDataset = Readonly<Record<RecipeDataset, Readonly<Record<RecipeNorm, Recipe>>>>;
