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

/** The randomness of a query: alike for all examples, or by each example's key. */
export interface Draws {
  readonly shared: Random;
  readonly perExample: Random;
}

/** The draws of a query; they depend on its number and the randomness alone. */
export function drawsOf({ random: source }: Problem, query: number): Draws {
  const [shared, perExample] = source.split() as [Random, Random];
  return { shared: random(stepKey(shared)).fold(query), perExample: perExample.fold(query) };
}

/** The side of the square window that covers the fraction p of an image. */
export function windowSide([, height, width]: Images["shape"], p: number): number {
  return Math.max(Math.round(Math.sqrt(p * height * width)), 1);
}

/** A rectangle of an image. */
export interface Window {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** The window of that side, no larger than the image, at a place that `u` and `v`, uniform in [0, 1), decide. */
export function windowAt([, height, width]: Images["shape"], side: number, u = 0, v = 0): Window {
  const [rows, columns] = [Math.min(side, height), Math.min(side, width)];
  // As in the reference, never at the very end.
  return {
    top: Math.floor(u * (height - rows)),
    left: Math.floor(v * (width - columns)),
    height: rows,
    width: columns,
  };
}

/** Whether a pixel lies in a window. */
export function covers({ top, left, height, width }: Window, row: number, column: number): boolean {
  return row >= top && row < top + height && column >= left && column < left + width;
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
