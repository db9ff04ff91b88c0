import { type Images, type Random, random } from "@awp/core";
import { stepKey } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { Problem } from "../../engine/iterative";

/** What Square tries: where it starts, and the change that it tries at a query. */
export interface Proposals {
  readonly start: (problem: Problem) => Images;
  /** `query` counts the one for the start; the window covers the fraction `p` of the image. */
  readonly propose: (problem: Problem, images: Images, query: number, p: number) => Images;
}

/** What a query draws: alike for all examples, or by each example's key. */
export interface Draws {
  readonly shared: Random;
  readonly perExample: Random;
}

export function drawsOf({ random: source }: Problem, query: number): Draws {
  const [shared, perExample] = source.split() as [Random, Random];
  return { shared: random(stepKey(shared)).fold(query), perExample: perExample.fold(query) };
}

/** The side of the square window that covers the fraction p of an image. */
export function windowSide([, height, width]: Images["shape"], p: number): number {
  return Math.max(Math.round(Math.sqrt(p * height * width)), 1);
}

/** Where a window of that length begins, from `u` uniform in [0, 1). As in the reference, never at the very end. */
export function windowStart(u: number | undefined, length: number, window: number): number {
  return Math.floor((u ?? 0) * (length - window));
}

/** An image `[1, height, width, channels]` made on the host. */
export function hostImage(
  [, height, width]: Images["shape"],
  channels: number,
  value: (row: number, column: number, channel: number) => number,
): Tensor4D {
  const values = new Float32Array(height * width * channels);
  let at = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      for (let channel = 0; channel < channels; channel++) values[at++] = value(row, column, channel);
    }
  }
  return tf.tensor4d(values, [1, height, width, channels]);
}
