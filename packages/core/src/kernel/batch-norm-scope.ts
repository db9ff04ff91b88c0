import type { Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";

/*
 * In a file of its own, so that a network brings no more than the place where a scope may stand.
 */

/** Images normalised, and by what, `[channels]` each. */
export interface Normalized {
  readonly output: Tensor4D;
  readonly mean: Tensor1D;
  readonly variance: Tensor1D;
  /** The variance divided by count − 1. */
  readonly unbiased: Tensor1D;
}

/** Normalises by the statistics of more images than those at hand; the caller owns the tensors. */
export type Normalizer = (
  x: Tensor4D,
  scale: Tensor1D,
  offset: Tensor1D,
  epsilon: number,
  activation: "none" | "relu",
) => Normalized;

let scope: Normalizer | undefined;

/** What normalises right now in the place of the batch's own statistics. */
export const scopedNormalizer = (): Normalizer | undefined => scope;

export function withNormalizer<T>(normalizer: Normalizer, body: () => T): T {
  const outer = scope;
  scope = normalizer;
  try {
    return body();
  } finally {
    scope = outer;
  }
}
