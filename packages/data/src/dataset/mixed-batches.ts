import { type Batch, hostUniform, type Random } from "@awp/core";
import { permutation, requireArgument, requireCount, requireFraction } from "@awp/core/authoring";
import type { Augmentation } from "../augmentation/augmentation";
import type { Dataset } from "./dataset";
import { batchOf, type Example } from "./example";
import { pixelRoom } from "./pixel-room";

export interface MixedBatchesOptions {
  readonly batchSize: number;
  /** The part of each batch that comes from the second set, ⌊fraction · batchSize⌋ examples: 0.5 in RST, 0.7 in DMAT. */
  readonly fraction: number;
  /** Randomness of the draws, the order and the augmentation: give `random.fold(epoch)`. */
  readonly random: Random;
  /**
   * How many batches there are.
   * @default as many as hold the number of images of the first set, ⌈count / batchSize⌉, the epoch of RST and DMAT
   */
  readonly count?: number;
  /** The augmentation of each image. */
  readonly augment?: Augmentation;
}

/**
 * Full batches of examples of two sets of the same classes, as training on pseudo-labelled or generated images takes them
 * (arXiv:1905.13736, arXiv:2302.04638). Those of the first set come in a random order, each once before any comes again;
 * those of `extra` are drawn with replacement; inside a batch they are shuffled.
 *
 * The index of an example of `extra` is its row plus the number of rows of the first set, so that no two examples share
 * their randomness; one that is drawn twice in an epoch has the same both times. Images and labels are as in
 * {@link batches}: a label is −1 where there is none. The result can be iterated any number of times and gives the same
 * each time; each batch belongs to who receives it.
 *
 * @example
 * const order = random(0).fold(epoch);
 * const half = mixedBatches(trainSet, pseudoLabelled, { batchSize: 256, fraction: 0.5, random: order });
 * @throws ArgumentError if an option is out of range, or the sets differ in shape or classes
 */
export function mixedBatches(dataset: Dataset, extra: Dataset, options: MixedBatchesOptions): Iterable<Batch> {
  const { batchSize, fraction, random, augment } = options;
  requireCount("batchSize", batchSize);
  requireFraction("fraction", fraction);
  const { count = Math.ceil(dataset.indices.length / batchSize) } = options;
  requireCount("count", count);
  requireArgument(sameList(extra.shape, dataset.shape), "extra", extra.shape, `images of shape [${dataset.shape}]`);
  const fits = sameList(extra.classNames, dataset.classNames);
  requireArgument(fits, "extra", extra.classNames.slice(0, 10), "the classes of the first set");
  const drawn = Math.floor(fraction * batchSize);
  const first = dataset.labels.length;
  return {
    *[Symbol.iterator]() {
      const room = pixelRoom();
      const own = passes(dataset.indices, random.fold(draws.order));
      for (let batch = 0; batch < count; batch++) {
        const examples: Example[] = [];
        for (const place of places(random.fold(draws.extra).fold(batch), drawn, extra.indices.length)) {
          const row = extra.indices[place] as number;
          examples.push({ source: extra, row, index: first + row });
        }
        while (examples.length < batchSize) {
          const row = own.next().value;
          examples.push({ source: dataset, row, index: row });
        }
        const order = permutation(random.fold(draws.place).fold(batch), batchSize);
        const mixed = Array.from(order, (place) => examples[place] as Example);
        yield batchOf(mixed, dataset.shape, { augment, random: random.fold(draws.augmentation), room });
      }
    },
  };
}

/** What an epoch draws: a key each. */
const draws = { order: 0, augmentation: 1, extra: 2, place: 3 } as const;

/** The indices in a random order, and then in another one, for ever. */
function* passes(indices: Int32Array, random: Random): Generator<number, never> {
  for (let pass = 0; ; pass++) {
    for (const position of permutation(random.fold(pass), indices.length)) yield indices[position] as number;
  }
}

/** Integers in [0, end), independent: of 48 random bits each, since 24 would favour some of a million. */
function places(random: Random, count: number, end: number): Int32Array {
  const bits = hostUniform(random, 2 * count);
  return Int32Array.from({ length: count }, (_, at) =>
    Math.floor(((bits[2 * at] as number) + (bits[2 * at + 1] as number) * 2 ** -24) * end),
  );
}

function sameList<T>(given: readonly T[], wanted: readonly T[]): boolean {
  return given.length === wanted.length && given.every((value, at) => value === wanted[at]);
}
