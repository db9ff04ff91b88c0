import { type Network, random } from "@awp/core";
import { type Dataset, normalizations, normalized } from "@awp/data";
import { networkNamed } from "@awp/models";
import type { TrainConfig } from "../train/config/schema";

/** A network of that name for those images, whose weights are to be loaded; the caller's. */
export function networkFor(name: string, { classNames, shape }: Dataset): Network {
  return networkNamed(name)({ classes: classNames.length, size: shape[0], channels: shape[2], random: random(0) });
}

/** The network that a training has trained, with its normalisation inside. */
export function trainingNetwork(config: Pick<TrainConfig, "network" | "normalization">, images: Dataset): Network {
  const network = networkFor(config.network, images);
  return config.normalization === null ? network : normalized(network, normalizations[config.normalization]);
}
