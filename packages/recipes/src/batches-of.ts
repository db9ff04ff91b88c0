import type { Batch, Random } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import { batchCount, batches, type Dataset, mixedBatches, mixup } from "@awp/data";
import { augmentationOf } from "./augmentation-of";
import type { Recipe } from "./recipe";

/** The batches of an epoch. */
export interface EpochBatches {
  readonly stepsPerEpoch: number;
  readonly batches: (epoch: number, random: Random) => Iterable<Batch>;
}

/** The recipe's batches of these images, and of the second set where a part of each comes from there. */
export function batchesOf(recipe: Recipe, images: Dataset, extra: Dataset | undefined): EpochBatches {
  const { batchSize, dropLast, augmentation, extraFraction = 0, regularization } = recipe;
  const { mixup: alpha = 0 } = regularization ?? {};
  requireArgument(
    extraFraction === 0 || extra !== undefined,
    "extra",
    extra,
    "the second set that the recipe mixes in",
  );
  const augment = augmentationOf(augmentation);
  const augmented = augment && { augment };
  const plain = (random: Random): Iterable<Batch> =>
    extra === undefined || extraFraction === 0
      ? batches(images, { batchSize, dropLast, random, ...augmented })
      : mixedBatches(images, extra, { batchSize, fraction: extraFraction, random, ...augmented });
  const classes = images.classNames.length;
  return {
    // Mixed batches are full, and as many as hold the images of the first set.
    stepsPerEpoch: batchCount(images, { batchSize, dropLast: dropLast && extraFraction === 0 }),
    batches: (_epoch, random) => (alpha === 0 ? plain(random) : mixup(plain(random), { alpha, classes, random })),
  };
}
