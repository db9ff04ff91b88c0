import type { Batch, Random } from "@awp/core";
import { permutation, requireArgument, requireCount } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Augmentation } from "../augmentation/augmentation";
import { type Dataset, imageSize } from "./dataset";

export interface BatchesOptions {
  readonly batchSize: number;
  /** Randomness of order and augmentation: give `random.fold(epoch)`. Without it the order is the data set's. */
  readonly random?: Random;
  /** Whether a last batch that is not full is left out. @default false */
  readonly dropLast?: boolean;
  /** The augmentation of each image; needs `random`. */
  readonly augment?: Augmentation;
}

/**
 * The examples of `dataset`, each once, as batches: images float32 in [0, 1], labels int32, and their indices.
 *
 * The result can be iterated any number of times and gives the same each time. Each batch belongs to who receives it:
 * end its use with {@link disposeBatch}.
 *
 * @throws ArgumentError if `batchSize` is not a positive integer, leaves no batch, or `augment` comes without `random`
 * @example
 * for (const batch of batches(images, { batchSize: 128, random: random(0).fold(epoch), augment: flip() })) {
 *   console.log(batch.images.shape);
 *   disposeBatch(batch);
 * }
 */
export function batches(dataset: Dataset, options: BatchesOptions): Iterable<Batch> {
  const { batchSize, random, dropLast = false, augment } = options;
  const count = batchCount(dataset, { batchSize, dropLast });
  requireArgument(count > 0, "batchSize", batchSize, `at most ${dataset.indices.length}, or dropLast: false`);
  requireArgument(augment === undefined || random !== undefined, "random", random, "a Random for the augmentation");
  return {
    *[Symbol.iterator]() {
      const indices = random === undefined ? dataset.indices : shuffled(dataset.indices, random.fold(draws.order));
      for (let start = 0; start < count * batchSize; start += batchSize) {
        yield batchOf(dataset, indices.slice(start, start + batchSize), augment, random?.fold(draws.augmentation));
      }
    },
  };
}

/** What an epoch draws: a key each. */
const draws = { order: 0, augmentation: 1 } as const;

function shuffled(indices: Int32Array, random: Random): Int32Array {
  return permutation(random, indices.length).map((position) => indices[position] as number);
}

function batchOf(
  { images, labels, shape }: Dataset,
  indices: Int32Array,
  augment: Augmentation | undefined,
  random: Random | undefined,
): Batch {
  const size = imageSize(shape);
  const scale = images instanceof Uint8Array ? 255 : 1;
  const pixels = new Float32Array(indices.length * size);
  for (const [row, index] of indices.entries()) {
    const image = images.subarray(index * size, (index + 1) * size);
    const changed =
      augment === undefined || random === undefined
        ? image
        : augment(image, shape, random.forRows(Int32Array.of(index)));
    for (let i = 0; i < size; i++) pixels[row * size + i] = (changed[i] as number) / scale;
  }
  return {
    images: tf.tensor4d(pixels, [indices.length, ...shape]),
    labels: tf.tensor1d(
      indices.map((index) => labels[index] as number),
      "int32",
    ),
    indices,
  };
}

/** How many batches {@link batches} gives. */
export function batchCount(
  dataset: Dataset,
  { batchSize, dropLast = false }: Pick<BatchesOptions, "batchSize" | "dropLast">,
): number {
  requireCount("batchSize", batchSize);
  const full = dataset.indices.length / batchSize;
  return dropLast ? Math.floor(full) : Math.ceil(full);
}

/** Frees a batch's images and labels. */
export function disposeBatch({ images, labels }: Batch): void {
  images.dispose();
  labels.dispose();
}
