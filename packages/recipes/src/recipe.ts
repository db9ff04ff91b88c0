import type { PgdOptions } from "@awp/attacks";
import type { Mode, ThreatModel } from "@awp/core";
import type { normalizations } from "@awp/data";
import type { AverageStatistics, MultiStepOptions, ReferenceSchedules, SgdOptions } from "@awp/train";

/** The data sets of the reference runs. */
export type RecipeDataset = "cifar10" | "cifar100" | "svhn" | "imagenet32";

/** The norms of the reference runs. */
export type RecipeNorm = "linf" | "l2";

/** A random change of the training images. */
export type RecipeAugmentation =
  | { readonly kind: "pad-crop"; readonly padding: number; readonly mode: "reflect" | "zero" }
  | { readonly kind: "flip" }
  | { readonly kind: "rotation"; readonly degrees: number }
  | { readonly kind: "cutout"; readonly size: number };

/** The outer loss and how it passes forward; see the functions of these names in `@awp/defenses`. */
export type RecipeDefense =
  | { readonly kind: "standard" }
  | { readonly kind: "at"; readonly auxiliaryForwards: boolean }
  | { readonly kind: "trades"; readonly beta: number; readonly auxiliaryForwards: boolean }
  | { readonly kind: "mart"; readonly beta: number }
  | { readonly kind: "rst"; readonly beta: number }
  | { readonly kind: "dkl"; readonly alpha: number; readonly beta: number };

/** The learning rate in the course of the training: one of `schedules` of `@awp/train`. */
export interface RecipeSchedule extends Pick<MultiStepOptions, "learningRate" | "milestones" | "factor"> {
  readonly name: Exclude<keyof ReferenceSchedules, "oneDrop"> | "oneCycle";
  /** Moves between epochs alone. @default false */
  readonly perEpoch?: boolean;
  /** The share of a one-cycle that leads to its peak. */
  readonly pctStart?: number;
  /** The momentum at the peak and at both ends of a one-cycle; without it the optimizer's own. */
  readonly momentum?: { readonly base: number; readonly max: number };
}

/** What else is held against overfitting: the comparators of AWP. */
export interface RecipeRegularization {
  /** The weights of Σ|w| and Σw² in the loss, beside weight decay. @default 0 */
  readonly l1?: number;
  readonly l2?: number;
  /** The share of the labels that is spread over all classes; standard training, AT and TRADES take one. @default 0 */
  readonly labelSmoothing?: number;
  /** Mixup's alpha. @default 0: nothing is mixed */
  readonly mixup?: number;
}

/** An exponential moving average of the weights, which is what is evaluated. */
export interface RecipeAverage {
  readonly decay: number;
  /** Whether the decay grows to that as (1 + n) / (10 + n), n updates after the start. */
  readonly growing: boolean;
  /** The epoch in which it starts. */
  readonly start: number;
  /** Which running statistics go with the averaged weights. */
  readonly statistics: AverageStatistics;
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
  /** Whose channel statistics in `@awp/data` the images in [0, 1] are normalised with; `null` is as they are. */
  readonly normalization: keyof typeof normalizations | null;
  readonly threat: ThreatModel;
  /** PGD in training, whose last iterate is used, and the network's mode meanwhile. */
  readonly attack: Required<Pick<PgdOptions, "stepSize" | "steps">> &
    Pick<PgdOptions, "start" | "startScale"> & { readonly mode: Mode };
  /** The epochs over which epsilon grows from a first part of it, and a step with it. @default none: it is all there at once */
  readonly epsilonRamp?: number;
  readonly defense: RecipeDefense;
  readonly weightPerturbation: RecipePerturbation | null;
  readonly decayAt: "perturbed" | "clean";
  readonly regularization?: RecipeRegularization;
  readonly average?: RecipeAverage;
  readonly optimizer: Required<Pick<SgdOptions, "momentum" | "nesterov" | "weightDecay">> & {
    /** Whether batch normalisation's parameters decay too. @default true */
    readonly decaysBatchNorm?: boolean;
  };
  readonly schedule: RecipeSchedule;
  readonly epochs: number;
  readonly batchSize: number;
  /** Whether an epoch leaves out its last batch if it is smaller. */
  readonly dropLast: boolean;
  /** The part of each batch that comes from a second set, with pseudo-labels or generated. @default 0 */
  readonly extraFraction?: number;
  readonly augmentation: readonly RecipeAugmentation[];
  /** PGD for the robust accuracy after each epoch; `null` is the accuracy on clean images alone. */
  readonly evaluation: Required<Pick<PgdOptions, "stepSize" | "steps" | "restarts">> | null;
}

/** The recipes of a method by data set and norm. */
export type RecipesOf<Dataset extends RecipeDataset, Norm extends RecipeNorm = RecipeNorm> = Readonly<
  Record<Dataset, Readonly<Record<Norm, Recipe>>>
>;
