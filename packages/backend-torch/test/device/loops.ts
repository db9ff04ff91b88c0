import { normal, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { rounded, type Storage } from "./device-routes";

export type Shape = readonly [number, number, number, number];

/** One row, one channel, odd channels, more channels than a block has, more rows than a block takes at once. */
const shapes: readonly Shape[] = [
  [1, 1, 1, 5],
  [2, 1, 1, 1],
  [3, 4, 5, 7],
  [5, 3, 7, 32],
  [4, 6, 6, 36],
  [1, 2, 3, 517],
  [1, 1, 3, 1028],
  [2, 61, 67, 4],
  [2, 61, 67, 3],
];
export const storages: readonly Storage[] = ["float32", "bfloat16"];
export const cases: readonly { readonly shape: Shape; readonly storage: Storage }[] = shapes.flatMap((shape) =>
  storages.map((storage) => ({ shape, storage })),
);
export const epsilon = 1e-3;

/** Numbers of a normal distribution with another mean and spread in each channel. */
export function draw(seed: number, shape: Shape, storage: Storage): number[] {
  const channels = shape[3];
  const values = Array.from(tf.tidy(() => normal(random(seed), [...shape]).dataSync()));
  return rounded(
    values.map((value, i) => value * (1 + (i % channels) / channels) + (((i % channels) * 7) % 11) - 4),
    storage,
  );
}

export const vector = (seed: number, channels: number): number[] =>
  Array.from(tf.tidy(() => normal(random(seed), [channels]).dataSync()));

/** Plain loops in double. */
export function reference(
  x: readonly number[],
  scale: readonly number[],
  offset: readonly number[],
): { y: number[]; mean: number[]; variance: number[] } {
  const channels = scale.length;
  const rows = x.length / channels;
  const mean = scale.map((_, c) => sum(rows, (r) => x[r * channels + c]!) / rows);
  const variance = scale.map((_, c) => sum(rows, (r) => (x[r * channels + c]! - mean[c]!) ** 2) / rows);
  const y = x.map((value, i) => {
    const c = i % channels;
    return ((value - mean[c]!) / Math.sqrt(variance[c]! + epsilon)) * scale[c]! + offset[c]!;
  });
  return { y, mean, variance };
}

export function referenceGradient(
  dy: readonly number[],
  x: readonly number[],
  scale: readonly number[],
  mean: readonly number[],
  variance: readonly number[],
): { dx: number[]; dScale: number[]; dOffset: number[] } {
  const channels = scale.length;
  const rows = x.length / channels;
  const inverse = variance.map((value) => 1 / Math.sqrt(value + epsilon));
  const normalized = x.map((value, i) => (value - mean[i % channels]!) * inverse[i % channels]!);
  const dOffset = scale.map((_, c) => sum(rows, (r) => dy[r * channels + c]!));
  const dScale = scale.map((_, c) => sum(rows, (r) => dy[r * channels + c]! * normalized[r * channels + c]!));
  const dx = dy.map((value, i) => {
    const c = i % channels;
    return scale[c]! * inverse[c]! * (value - dOffset[c]! / rows - (normalized[i]! * dScale[c]!) / rows);
  });
  return { dx, dScale, dOffset };
}

function sum(count: number, term: (index: number) => number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += term(i);
  return total;
}

export const largestOf = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);

/** Each value within a part of its size and of the largest number that it is a sum of. */
export function expectClose(
  got: ArrayLike<number>,
  wanted: readonly number[],
  relative: number,
  largest: number = largestOf(wanted),
): void {
  expect(got.length).toBe(wanted.length);
  for (const [i, value] of wanted.entries()) {
    const allowed = relative * Math.abs(value) + 1e-5 * largest;
    if (!(Math.abs(got[i]! - value) <= allowed)) expect.fail(`element ${i}: got ${got[i]}, want ${value} ± ${allowed}`);
  }
}

/** Half of a unit in the last place of a result, and a little for what went before. */
export const precision: Readonly<Record<Storage, number>> = { float32: 1e-5, bfloat16: 2 ** -8 };
