import type { Classifier, Images, Network } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";

/** The mean and the standard deviation of each channel, of images in [0, 1]. */
export interface Normalization {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Channel statistics by data set, as adversarial training with AWP (arXiv:2004.05884) normalises its images. */
export const normalizations: Readonly<Record<"cifar10" | "cifar100" | "svhn", Normalization>> = {
  cifar10: { mean: [0.4914, 0.4822, 0.4465], std: [0.2471, 0.2435, 0.2616] },
  cifar100: {
    mean: [0.5070751592371323, 0.48654887331495095, 0.4409178433670343],
    std: [0.2673342858792401, 0.2564384629170883, 0.27615047132568404],
  },
  svhn: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
};

/**
 * A classifier or network of images in [0, 1], made of one that wants (x − mean) / std per channel.
 *
 * Normalisation is part of the classifier, so that attacks and their epsilon stay in the scale of the images. A network
 * shares its parameters and buffers with the one it is made of.
 *
 * @example
 * const classifier = normalized((x) => network.forward(x, "eval"), normalizations.cifar10);
 * @throws ArgumentError if mean and std differ in length or std is not positive; when applied, if the channels differ
 */
export function normalized(classifier: Classifier, normalization: Normalization): Classifier;
export function normalized(network: Network, normalization: Normalization): Network;
export function normalized(model: Classifier | Network, { mean, std }: Normalization): Classifier | Network {
  requireArgument(mean.length > 0 && mean.every(Number.isFinite), "mean", mean, "a number for each channel");
  const positive = std.length === mean.length && std.every((value) => value > 0 && Number.isFinite(value));
  requireArgument(positive, "std", std, `${mean.length} positive numbers, as many as mean has`);
  const normalize = (x: Images): Images => {
    requireArgument(x.shape[3] === mean.length, "x", x.shape, `images of ${mean.length} channels`);
    return tf.tidy(() => tf.div(tf.sub(x, tf.tensor1d([...mean])), tf.tensor1d([...std])));
  };
  if (typeof model === "function") return (x) => tf.tidy(() => model(normalize(x)));
  const { parameters, buffers } = model;
  return { parameters, buffers, forward: (x, mode) => tf.tidy(() => model.forward(normalize(x), mode)) };
}
