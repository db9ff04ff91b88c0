import type { Batch, Random } from "@awp/core";
import { permutation, requireArgument, requireCount } from "@awp/core/authoring";
import type { Augmentation } from "../augmentation/augmentation";
import type { Dataset } from "./dataset";
import { batchOf } from "./example";
import { pixelRoom } from "./pixel-room";
import { requireShard, type Shard, shareOf } from "./shard";

export interface BatchesOptions {
  readonly batchSize: number;
  /** Randomness of order and augmentation: give `random.fold(epoch)`. Without it the order is the data set's. */
  readonly random?: Random;
  /** Whether a last batch that is not full is left out. @default false */
  readonly dropLast?: boolean;
  /** The augmentation of each image; needs `random`. */
  readonly augment?: Augmentation;
  /**
   * The part of each batch that is given, where several processes share it: rows ⌊rank · n / size⌋ to
   * ⌊(rank + 1) · n / size⌋ of its n. `batchSize` stays that of the whole. Order and augmentation are those of the whole
   * too, whatever the number of processes.
   */
  readonly shard?: Shard;
}

/**
 * The examples of `dataset`, each once, as batches: images float32 in [0, 1], labels int32, and their indices.
 *
 * The result can be iterated any number of times and gives the same each time. Each batch belongs to who receives it:
 * end its use with {@link disposeBatch}.
 *
 * @example
 * for (const batch of batches(trainSet, { batchSize: 128, random: random(0).fold(epoch), augment: flip() })) {
 *   console.log(batch.images.shape); // [128, 32, 32, 3]
 *   disposeBatch(batch);
 * }
 * @throws ArgumentError if `batchSize` is not a positive integer or leaves no batch, if `augment` comes without `random`, or
 * for a shard that cannot be or a batch without a row for each
 */
export function batches(dataset: Dataset, options: BatchesOptions): Iterable<Batch> {
  const { batchSize, random, dropLast = false, augment, shard } = options;
  const count = batchCount(dataset, { batchSize, dropLast });
  requireArgument(count > 0, "batchSize", batchSize, `at most ${dataset.indices.length}, or dropLast: false`);
  requireArgument(augment === undefined || random !== undefined, "random", random, "a Random for the augmentation");
  if (shard !== undefined) requireRowsForAll(dataset.indices.length, batchSize, dropLast, shard);
  return {
    *[Symbol.iterator]() {
      const room = pixelRoom();
      const indices = random === undefined ? dataset.indices : shuffled(dataset.indices, random.fold(draws.order));
      for (let start = 0; start < count * batchSize; start += batchSize) {
        const whole = indices.subarray(start, start + batchSize);
        const share = shard === undefined ? whole : whole.subarray(...shareOf(whole.length, shard));
        const examples = Array.from(share, (index) => ({ source: dataset, row: index, index }));
        yield batchOf(examples, dataset.shape, { augment, random: random?.fold(draws.augmentation), room });
      }
    },
  };
}

/** What an epoch draws: a key each. */
const draws = { order: 0, augmentation: 1 } as const;

function requireRowsForAll(count: number, batchSize: number, dropLast: boolean, shard: Shard): void {
  requireShard(shard);
  requireArgument(batchSize >= shard.size, "batchSize", batchSize, `at least ${shard.size}, a row for each process`);
  const last = dropLast ? 0 : count % batchSize;
  const wanted = `another one, or dropLast: the last batch has ${last} of ${count} images, for ${shard.size} processes`;
  requireArgument(last === 0 || last >= shard.size, "batchSize", batchSize, wanted);
}

function shuffled(indices: Int32Array, random: Random): Int32Array {
  return permutation(random, indices.length).map((position) => indices[position] as number);
}

/**
 * How many batches {@link batches} gives.
 *
 * @example
 * const stepsPerEpoch = batchCount(trainSet, { batchSize: 128 }); // 391 for 50,000 images
 */
export function batchCount(
  dataset: Dataset,
  { batchSize, dropLast = false }: Pick<BatchesOptions, "batchSize" | "dropLast">,
): number {
  requireCount("batchSize", batchSize);
  const full = dataset.indices.length / batchSize;
  return dropLast ? Math.floor(full) : Math.ceil(full);
}

/**
 * Frees a batch's images and labels.
 *
 * @example
 * for (const batch of batches(testSet, { batchSize: 128 })) disposeBatch(batch);
 */
export function disposeBatch({ images, labels }: Batch): void {
  images.dispose();
  labels.dispose();
}
