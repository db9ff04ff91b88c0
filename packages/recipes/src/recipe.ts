import type { PgdOptions } from "@awp/attacks";
import type { Mode, ThreatModel } from "@awp/core";
import type { MultiStepOptions, schedules, SgdOptions } from "@awp/train";

/** The data sets of the reference runs; `@awp/data` has their channel statistics as `normalizations` by these names. */
export type RecipeDataset = "cifar10" | "cifar100" | "svhn";

/** The norms of the reference runs. */
export type RecipeNorm = "linf" | "l2";

/** A random change of the training images. */
export type RecipeAugmentation =
  | { readonly kind: "pad-crop"; readonly padding: number; readonly mode: "reflect" | "zero" }
  | { readonly kind: "flip" }
  | { readonly kind: "rotation"; readonly degrees: number };

/** The outer loss and how it passes forward; see the functions of these names in `@awp/defenses`. */
export type RecipeDefense =
  | { readonly kind: "standard" }
  | { readonly kind: "at"; readonly auxiliaryForwards: boolean }
  | { readonly kind: "trades"; readonly beta: number; readonly auxiliaryForwards: boolean }
  | { readonly kind: "mart"; readonly beta: number };

/** The learning rate in the course of the training: one of `schedules` of `@awp/train`. */
export interface RecipeSchedule extends Pick<MultiStepOptions, "learningRate" | "milestones" | "factor"> {
  readonly name: Exclude<keyof typeof schedules, "oneDrop">;
}

/** What displaces the weights in each step. */
export interface RecipePerturbation {
  /** Along the gradient, as AWP does, or at random. */
  readonly direction: "gradient" | "random";
  /** Radius relative to each layer's norm. */
  readonly gamma: number;
  /** The epoch, from 0, in which it begins. */
  readonly warmupEpochs: number;
}

/** Every hyper-parameter of a training, as plain data. */
export interface Recipe {
  /** A name that `networkNamed` of `@awp/models` takes. */
  readonly network: string;
  /** Whose channel statistics the images in [0, 1] are normalised with; `null` is as they are. */
  readonly normalization: RecipeDataset | null;
  readonly threat: ThreatModel;
  /** PGD in training, whose last iterate is used, and the network's mode meanwhile. */
  readonly attack: Required<Pick<PgdOptions, "stepSize" | "steps">> &
    Pick<PgdOptions, "start" | "startScale"> & { readonly mode: Mode };
  readonly defense: RecipeDefense;
  readonly weightPerturbation: RecipePerturbation | null;
  readonly decayAt: "perturbed" | "clean";
  readonly optimizer: Required<Pick<SgdOptions, "momentum" | "nesterov" | "weightDecay">>;
  readonly schedule: RecipeSchedule;
  readonly epochs: number;
  readonly batchSize: number;
  /** Whether an epoch leaves out its last batch if it is smaller. */
  readonly dropLast: boolean;
  readonly augmentation: readonly RecipeAugmentation[];
  /** PGD for the robust accuracy after each epoch; `null` is the accuracy on clean images alone. */
  readonly evaluation: Required<Pick<PgdOptions, "stepSize" | "steps" | "restarts">> | null;
}

/** The recipes of a method by data set and norm. */
export type RecipesOf<Dataset extends RecipeDataset, Norm extends RecipeNorm = RecipeNorm> = Readonly<
  Record<Dataset, Readonly<Record<Norm, Recipe>>>
>;
