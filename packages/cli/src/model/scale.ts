import type { Classifier } from "@awp/core";
import { normalized } from "@awp/data";
import {
  channelsReversed,
  type InputSize,
  type KerasPreprocessing,
  preprocessed,
  rescaled,
  resized,
} from "@awp/models";

/** What a model wants instead of RGB images in [0, 1] of any size; applied in the order of the fields. */
export interface Scale {
  /** The one size of its images. */
  readonly size?: InputSize | undefined;
  /** One of Keras's scales, instead of the fields that follow. */
  readonly preprocessing?: KerasPreprocessing | undefined;
  /** The values of black and white. */
  readonly range?: readonly [black: number, white: number] | undefined;
  /** Whether blue comes first. */
  readonly bgr?: boolean | undefined;
  /** What is taken from each channel, in the model's order. */
  readonly mean?: readonly number[] | undefined;
  /** What each channel is divided by. */
  readonly std?: readonly number[] | undefined;
}

/** A classifier of RGB images in [0, 1], made of one that wants another scale. */
export function scaled(classifier: Classifier, { size, preprocessing, range, bgr, mean, std }: Scale): Classifier {
  let adapted = classifier;
  // From the model outwards: the last of these is the first that an image meets.
  if (mean !== undefined || std !== undefined) adapted = normalized(adapted, normalization(mean, std));
  if (bgr === true) adapted = channelsReversed(adapted);
  if (range !== undefined) adapted = rescaled(adapted, { low: range[0], high: range[1] });
  if (preprocessing !== undefined) adapted = preprocessed(adapted, preprocessing);
  if (size !== undefined) adapted = resized(adapted, size);
  return adapted;
}

function normalization(mean: readonly number[] | undefined, std: readonly number[] | undefined) {
  const channels = mean ?? std ?? [];
  return { mean: mean ?? channels.map(() => 0), std: std ?? channels.map(() => 1) };
}
