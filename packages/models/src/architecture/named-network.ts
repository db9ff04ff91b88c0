import { ArgumentError, type Network } from "@awp/core";
import { dmPreActResNet18, dmPreActResNet34 } from "./dm-preact-resnet";
import { dmWideResNet, raWideResNet } from "./dm-wide-resnet";
import type { NetworkOptions } from "./network";
import { preActResNet18, preActResNet34, preActResNet50 } from "./preact-resnet";
import { resNet18, resNet34, resNet50 } from "./resnet";
import { smallCnn } from "./small-cnn";
import { wideResNet } from "./wide-resnet";
import { wideResNetA4 } from "./wide-resnet-a4";

export interface NamedNetworkOptions extends NetworkOptions {
  /** The side of the images in pixels; the small CNN halves images larger than 16 in its first layer. @default 32 */
  readonly size?: number;
}

type Make = (options: NamedNetworkOptions) => Network;

const networks: Readonly<Record<string, Make>> = {
  "small-cnn": ({ size = 32, ...options }) => smallCnn({ ...options, stride: size > 16 ? 2 : 1 }),
  "preactresnet-18": preActResNet18,
  "preactresnet-34": preActResNet34,
  "preactresnet-50": preActResNet50,
  "resnet-18": resNet18,
  "resnet-34": resNet34,
  "resnet-50": resNet50,
  "dm-preactresnet-18": dmPreActResNet18,
  "dm-preactresnet-34": dmPreActResNet34,
  "ra-wideresnet-70-16": raWideResNet,
  "wideresnet-a4": wideResNetA4,
};

const families: Readonly<Record<string, (options: NamedNetworkOptions & Size) => Network>> = {
  wideresnet: wideResNet,
  "dm-wideresnet": dmWideResNet,
};

interface Size {
  readonly depth: number;
  readonly widen: number;
}

/**
 * The function that makes a network, by its name on command lines: `small-cnn`, `preactresnet-18`, `-34`, `-50`,
 * `resnet-18`, `-34`, `-50`, `dm-preactresnet-18`, `-34`, `wideresnet-DEPTH-WIDTH`, `dm-wideresnet-DEPTH-WIDTH`,
 * `ra-wideresnet-70-16` or `wideresnet-a4`. None normalises its images; those of RobustBench's table do.
 *
 * @throws ArgumentError for any other name.
 * @example
 * const network = networkNamed("wideresnet-34-10")({ classes: 10, random: random(0) });
 */
export function networkNamed(name: string): Make {
  if (Object.hasOwn(networks, name)) return networks[name] as Make;
  const [, family = "", depth, widen] = /^(.+)-(\d+)-(\d+)$/.exec(name) ?? [];
  const make = Object.hasOwn(families, family) ? families[family] : undefined;
  if (make === undefined) {
    const sized = Object.keys(families).map((family) => `${family}-DEPTH-WIDTH`);
    throw new ArgumentError("model", name, `${Object.keys(networks).join(", ")}, ${sized.join(" or ")}`);
  }
  return (options) => make({ ...options, depth: Number(depth), widen: Number(widen) });
}
