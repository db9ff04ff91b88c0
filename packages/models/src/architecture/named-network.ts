import { ArgumentError, type Network } from "@awp/core";
import type { NetworkOptions } from "./network";
import { preActResNet18, preActResNet34, preActResNet50 } from "./preact-resnet";
import { smallCnn } from "./small-cnn";
import { wideResNet } from "./wide-resnet";

export interface NamedNetworkOptions extends NetworkOptions {
  /** The side of the images in pixels; the small CNN halves images larger than 16 in its first layer. @default 32 */
  readonly size?: number;
}

const networks: Readonly<Record<string, (options: NamedNetworkOptions) => Network>> = {
  "small-cnn": ({ size = 32, ...options }) => smallCnn({ ...options, stride: size > 16 ? 2 : 1 }),
  "preactresnet-18": preActResNet18,
  "preactresnet-34": preActResNet34,
  "preactresnet-50": preActResNet50,
};

/**
 * The function that makes a network, by its name on command lines: `small-cnn`, `preactresnet-18`, `-34`, `-50`, or
 * `wideresnet-DEPTH-WIDTH`.
 *
 * @throws ArgumentError for any other name.
 * @example
 * const network = networkNamed("wideresnet-34-10")({ classes: 10, random: random(0) });
 */
export function networkNamed(name: string): (options: NamedNetworkOptions) => Network {
  const [, depth, widen] = /^wideresnet-(\d+)-(\d+)$/.exec(name) ?? [];
  if (depth !== undefined) return (options) => wideResNet({ ...options, depth: Number(depth), widen: Number(widen) });
  const make = Object.hasOwn(networks, name) ? networks[name] : undefined;
  if (make === undefined) {
    throw new ArgumentError("model", name, `${Object.keys(networks).join(", ")} or wideresnet-DEPTH-WIDTH`);
  }
  return make;
}
