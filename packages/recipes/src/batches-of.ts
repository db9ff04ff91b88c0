import type { Batch, ProcessGroup, Random } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import { batchCount, batches, type Dataset, mixedBatches, mixup, sharded } from "@awp/data";
import { augmentationOf } from "./augmentation-of";
import type { Recipe } from "./recipe";

/** The batches of an epoch. */
export interface EpochBatches {
  readonly stepsPerEpoch: number;
  readonly batches: (epoch: number, random: Random) => Iterable<Batch>;
}

/**
 * The recipe's batches of these images, and of the second set where a part of each comes from there: this rank's rows of
 * each, where a group shares them.
 */
export function batchesOf(
  recipe: Recipe,
  images: Dataset,
  extra: Dataset | undefined,
  group: ProcessGroup | undefined,
): EpochBatches {
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
  const classes = images.classNames.length;
  // Of what mixes images or sets a rank makes the whole batches and keeps its rows.
  const cut = (whole: Iterable<Batch>): Iterable<Batch> => (group === undefined ? whole : sharded(whole, group));
  const plain = (random: Random): Iterable<Batch> =>
    extra === undefined || extraFraction === 0
      ? batches(images, { batchSize, dropLast, random, ...augmented, ...(group && alpha === 0 && { shard: group }) })
      : mixedBatches(images, extra, { batchSize, fraction: extraFraction, random, ...augmented });
  const mixes = extraFraction > 0 || alpha > 0;
  const whole = (random: Random): Iterable<Batch> =>
    alpha === 0 ? plain(random) : mixup(plain(random), { alpha, classes, random });
  return {
    // Mixed batches are full, and as many as hold the images of the first set.
    stepsPerEpoch: batchCount(images, { batchSize, dropLast: dropLast && extraFraction === 0 }),
    batches: (_epoch, random) => (mixes ? cut(whole(random)) : whole(random)),
  };
}
