import type { Images, Network } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";

/** The mean and the standard deviation of each channel, of images in [0, 1]. */
export interface ChannelStatistics {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/**
 * A function that brings images in [0, 1] to (x − mean) / std per channel; a new tensor.
 *
 * @throws ArgumentError if mean and std differ in length or std is not positive; when applied, if the channels differ
 */
export function normalizedInput({ mean, std }: ChannelStatistics): (x: Images) => Images {
  requireArgument(mean.length > 0 && mean.every(Number.isFinite), "mean", mean, "a number for each channel");
  const positive = std.length === mean.length && std.every((value) => value > 0 && Number.isFinite(value));
  requireArgument(positive, "std", std, `${mean.length} positive numbers, as many as mean has`);
  return (x) => {
    requireArgument(x.shape[3] === mean.length, "x", x.shape, `images of ${mean.length} channels`);
    return tf.tidy(() => tf.div(tf.sub(x, tf.tensor1d([...mean])), tf.tensor1d([...std])));
  };
}

/** The network of what `adapt` makes of its images, of the same parameters and buffers: files have the same names. */
export function withInput(network: Network, adapt: (x: Images) => Images): Network {
  const { parameters, buffers } = network;
  return { parameters, buffers, forward: (x, mode) => tf.tidy(() => network.forward(adapt(x), mode)) };
}
