import type { Random } from "@awp/core";
import { permutation, requireArgument } from "@awp/core/authoring";
import type { Dataset } from "./dataset";

/** Positions from `start` up to, not including, `end`, as in `Array.prototype.slice`. */
export interface Range {
  /** @default 0 */
  readonly start?: number;
  /** @default the number of examples */
  readonly end?: number;
}

/**
 * The examples at `positions` (0 is the first example of `dataset`), in that order; the pixels are shared.
 *
 * @example
 * const first = subset(testSet, { end: 1000 });
 * @throws ArgumentError if a position lies outside the data set or none is left
 */
export function subset(dataset: Dataset, positions: ArrayLike<number> | Range): Dataset {
  const indices = "length" in positions ? pick(dataset.indices, positions) : slice(dataset.indices, positions);
  requireArgument(indices.length > 0, "positions", "none", "at least one");
  return { ...dataset, indices };
}

function pick(indices: Int32Array, positions: ArrayLike<number>): Int32Array {
  return Int32Array.from(positions, (position) => {
    const index = indices[position];
    requireArgument(index !== undefined, "positions", position, `integers from 0 to ${indices.length - 1}`);
    return index;
  });
}

function slice(indices: Int32Array, { start = 0, end = indices.length }: Range): Int32Array {
  const count = indices.length;
  requireArgument(Number.isInteger(start) && start >= 0, "start", start, "an integer of at least 0");
  requireArgument(Number.isInteger(end) && end <= count, "end", end, `an integer of at most ${count}`);
  return indices.slice(start, Math.max(start, end));
}

/** The two parts of a data set. */
export interface Split {
  readonly train: Dataset;
  readonly validation: Dataset;
}

/**
 * Sets a random part of `dataset` aside for validation; both parts keep the order of the data set.
 *
 * @example
 * const { train, validation } = split(trainSet, 0.02, random(0)); // 2 % are held out
 * @param size how much to set aside: a fraction below 1, or a number of examples
 * @throws ArgumentError if either part would be empty
 */
export function split(dataset: Dataset, size: number, random: Random): Split {
  const total = dataset.indices.length;
  const count = size < 1 ? Math.round(size * total) : size;
  const possible = Number.isInteger(count) && count > 0 && count < total;
  requireArgument(possible, "size", size, `a fraction below 1 or a count that leaves both parts non-empty of ${total}`);
  const order = permutation(random, total);
  return {
    train: subset(dataset, order.slice(count).sort()),
    validation: subset(dataset, order.slice(0, count).sort()),
  };
}
