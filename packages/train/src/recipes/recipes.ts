import type { ThreatModel } from "@awp/core";
import type { DecayAt } from "../step/step-options";
import type { schedules } from "../optimizer/schedule";

/** A random change of the training images. The reference draws its choices once an epoch for every image. */
export type RecipeAugmentation =
  | { readonly kind: "pad-crop"; readonly padding: number; readonly mode: "reflect" | "zero" }
  | { readonly kind: "flip" }
  | { readonly kind: "rotation"; readonly degrees: number };

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
  /** Of the images in [0, 1], by channel. */
  readonly normalization: { readonly mean: Channels; readonly std: Channels };
  readonly attackMode: "train" | "eval";
  readonly auxiliaryForwards: boolean;
  readonly decayAt: DecayAt;
}

type Channels = readonly [number, number, number];
type ByDataset = Readonly<Record<"cifar10" | "cifar100" | "svhn", Readonly<Record<"linf" | "l2", Recipe>>>>;

const shared = {
  optimizer: { momentum: 0.9, nesterov: false, weightDecay: 5e-4 },
  batchSize: 128,
  attackMode: "train",
  auxiliaryForwards: true,
  decayAt: "perturbed",
  weightPerturbation: null,
} as const;

const cifar10 = {
  ...shared,
  schedule: { name: "piecewise", learningRate: 0.1, epochs: 200 },
  augmentation: [{ kind: "pad-crop", padding: 4, mode: "reflect" }, { kind: "flip" }],
  normalization: { mean: [0.4914, 0.4822, 0.4465], std: [0.2471, 0.2435, 0.2616] },
} as const;

const cifar100 = {
  ...shared,
  schedule: { name: "piecewise", learningRate: 0.1, epochs: 200 },
  augmentation: [{ kind: "pad-crop", padding: 4, mode: "zero" }, { kind: "flip" }, { kind: "rotation", degrees: 15 }],
  normalization: {
    mean: [0.5070751592371323, 0.48654887331495095, 0.4409178433670343],
    std: [0.2673342858792401, 0.2564384629170883, 0.27615047132568404],
  },
} as const;

const svhn = {
  ...shared,
  schedule: { name: "piecewise", learningRate: 0.01, epochs: 200 },
  augmentation: [],
  normalization: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
} as const;

const linf: ThreatModel = { norm: "linf", epsilon: 8 / 255 };
const l2: ThreatModel = { norm: "l2", epsilon: 128 / 255 };

function pgd(threat: ThreatModel, stepSize: number): Pick<Recipe, "threat" | "attack" | "evaluation"> {
  return { threat, attack: { stepSize, steps: 10 }, evaluation: { stepSize, steps: 20, restarts: 1 } };
}

function withAwp(recipe: Recipe, warmupEpochs = 0): Recipe {
  return { ...recipe, weightPerturbation: { gamma: 0.01, warmupEpochs } };
}

const plain: ByDataset = {
  cifar10: { linf: { ...cifar10, ...pgd(linf, 2 / 255) }, l2: { ...cifar10, ...pgd(l2, 15 / 255) } },
  cifar100: { linf: { ...cifar100, ...pgd(linf, 2 / 255) }, l2: { ...cifar100, ...pgd(l2, 15 / 255) } },
  svhn: { linf: { ...svhn, ...pgd(linf, 1 / 255) }, l2: { ...svhn, ...pgd(l2, 15 / 255) } },
};

const awp: ByDataset = {
  cifar10: { linf: withAwp(plain.cifar10.linf), l2: withAwp(plain.cifar10.l2) },
  cifar100: { linf: withAwp(plain.cifar100.linf), l2: withAwp(plain.cifar100.l2) },
  svhn: { linf: withAwp(plain.svhn.linf, 5), l2: withAwp(plain.svhn.l2) },
};

/**
 * The reference runs of Wu, Xia, Wang 2020 (arXiv:2004.05884): adversarial training (`at`) `plain` and with `awp`, by
 * data set and norm. Change a field with `{ ...recipes.at.awp.cifar10.linf, batchSize: 64 }`.
 *
 * Two accidents of the reference are not reproduced: SVHN's l2 attack starts outside the ball, and on CIFAR-10 the first
 * batch of every epoch but the first is attacked in evaluation mode. CIFAR-100's `rotation` is not in `@awp/data` yet.
 */
export const recipes: { readonly at: { readonly plain: ByDataset; readonly awp: ByDataset } } = { at: { plain, awp } };
