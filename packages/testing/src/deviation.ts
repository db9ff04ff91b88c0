import { Tensor } from "@tensorflow/tfjs-core";

/** Numbers in a tensor, a typed array, or arrays nested to any depth. */
export type Numbers = Tensor | number | ArrayLike<number> | readonly Numbers[];

/**
 * The largest difference relative to the largest expected value, `max |actual − expected| / max |expected|`; infinite
 * for another number of values, or one that is not a number.
 */
export function relativeDeviation(actual: Numbers, expected: Numbers): number {
  const [a, e] = [flat(actual), flat(expected)];
  if (a.length !== e.length) return Number.POSITIVE_INFINITY;
  const difference = largest(a.map((value, i) => value - (e[i] as number)));
  return difference === 0 ? 0 : difference / largest(e);
}

function largest(values: readonly number[]): number {
  return values.reduce(
    (most, value) => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : Math.max(most, Math.abs(value))),
    0,
  );
}

function flat(numbers: Numbers): number[] {
  if (typeof numbers === "number") return [numbers];
  if (numbers instanceof Tensor) return Array.from(numbers.dataSync());
  if (ArrayBuffer.isView(numbers)) return Array.from(numbers as Float32Array);
  return Array.from(numbers as ArrayLike<Numbers>).flatMap(flat);
}
