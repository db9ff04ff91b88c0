import type { Classifier, Images } from "@awp/core";
import { normalized } from "@awp/data";
import * as tf from "@tensorflow/tfjs-core";

/** What a model wants instead of RGB images in [0, 1]; first the range, then the order, then mean and std. */
export interface Scale {
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
export function scaled(
  classifier: Classifier,
  { range: [black, white] = [0, 1], bgr = false, mean, std }: Scale,
): Classifier {
  const ones = (values: readonly number[]): readonly number[] => values.map(() => 1);
  const zeros = (values: readonly number[]): readonly number[] => values.map(() => 0);
  const channels = mean ?? std;
  const inner =
    channels === undefined
      ? classifier
      : normalized(classifier, { mean: mean ?? zeros(channels), std: std ?? ones(channels) });
  return (x) =>
    tf.tidy(() => {
      const ranged: Images = black === 0 && white === 1 ? x : tf.add(tf.mul(x, white - black), black);
      return inner(bgr ? tf.reverse(ranged, 3) : ranged);
    });
}
