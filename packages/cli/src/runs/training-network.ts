import { type Network, random } from "@awp/core";
import { type Dataset, type Normalization, normalizations, normalized } from "@awp/data";
import { networkNamed } from "@awp/models";
import type { TrainConfig } from "../train/config/schema";

/** A network for those images with its normalisation inside, whose weights are to be loaded; the caller's. */
export function networkFor(
  { network: name, normalization }: { readonly network: string; readonly normalization: Normalization | null },
  { classNames, shape }: Dataset,
): Network {
  const options = { classes: classNames.length, size: shape[0], channels: shape[2], random: random(0) };
  const network = networkNamed(name)(options);
  return normalization === null ? network : normalized(network, normalization);
}

/** The network that a training has trained. */
export function trainingNetwork(
  { network, normalization }: Pick<TrainConfig, "network" | "normalization">,
  images: Dataset,
): Network {
  return networkFor({ network, normalization: normalization && normalizations[normalization] }, images);
}
