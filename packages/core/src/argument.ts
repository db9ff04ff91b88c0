import type { Rank, Scalar, Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { requireArgument } from "./error";

/*
 * The checks that every package makes of its arguments, in one order (the field's name, then its value) and one wording.
 * Each throws an `ArgumentError` that names the field, what was given and what is wanted.
 */

/** Throws unless `value` is an integer of at least `least`. */
export function requireCount(argument: string, value: number, least = 1): void {
  const wanted = least === 1 ? "a positive integer" : `an integer of at least ${least}`;
  requireArgument(Number.isSafeInteger(value) && value >= least, argument, value, wanted);
}

/** Throws unless `value` is finite and not negative. */
export function requireNonNegative(argument: string, value: number): void {
  requireArgument(Number.isFinite(value) && value >= 0, argument, value, "a finite number, not negative");
}

/** Throws unless `value` is finite and not negative, or a scalar tensor, whose value stays on the device. */
export function requireNonNegativeScalar(argument: string, value: number | Scalar): void {
  const usable = typeof value === "number" ? Number.isFinite(value) && value >= 0 : value.rank === 0;
  requireArgument(usable, argument, value, "a finite number, not negative, or a scalar tensor");
}

/** Throws unless `value` is finite and positive. */
export function requirePositive(argument: string, value: number): void {
  requireArgument(Number.isFinite(value) && value > 0, argument, value, "a finite number above 0");
}

/** Throws unless `value` is a number from 0 to 1. */
export function requireFraction(argument: string, value: number): void {
  requireArgument(value >= 0 && value <= 1, argument, value, "a number from 0 to 1");
}

/** Throws unless `value` is one of `choices`. */
export function requireChoice<T extends string>(argument: string, value: T, choices: readonly T[]): void {
  const wanted = choices.map((name) => `"${name}"`).join(", ");
  requireArgument(choices.includes(value), argument, value, `one of ${wanted}`);
}

/** Throws unless `labels` are class indices or probabilities for `rows` examples; their values stay on the device. */
export function requireLabels(argument: string, labels: Tensor<Rank.R1 | Rank.R2>, rows: number): void {
  if (labels.rank !== 2) return requireClassIndices(argument, labels, rows);
  requireArgument(labels.dtype === "float32", argument, labels.dtype, "probabilities of dtype float32");
  const wanted = `a row of probabilities for each example, [${rows}, classes]`;
  requireArgument(labels.shape[0] === rows, argument, labels.shape, wanted);
}

/** Throws unless `labels` are int32 classes, one for each of `rows` examples; their values stay on the device. */
export function requireClassIndices(
  argument: string,
  labels: Tensor<Rank.R1 | Rank.R2>,
  rows: number,
): asserts labels is Tensor1D {
  const fits = labels.rank === 1 && labels.shape[0] === rows;
  requireArgument(fits, argument, labels.shape, `a class for each example, [${rows}]`);
  requireArgument(labels.dtype === "int32", argument, labels.dtype, "classes of dtype int32");
}

/** Throws unless a tensor has that shape; `what` says whose it is. */
export function requireShape(argument: string, { shape }: Tensor, wanted: readonly number[], what: string): void {
  const fits = shape.length === wanted.length && shape.every((size, axis) => size === wanted[axis]);
  requireArgument(fits, argument, shape, `${what}, [${wanted}]`);
}
