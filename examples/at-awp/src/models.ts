import { ArgumentError, type Network, type Random } from "@awp/core";
import type { Dataset } from "@awp/data";
import { preActResNet18, preActResNet34, preActResNet50, smallCnn, wideResNet } from "@awp/models";

/** Makes a network for the images of a data set. */
export type Model = (images: Dataset, random: Random) => Network;

const models: Readonly<Record<string, Model>> = {
  "small-cnn": ({ shape, classNames }, random) =>
    smallCnn({ classes: classNames.length, random, stride: shape[0] > 16 ? 2 : 1 }),
  "preactresnet-18": ({ classNames }, random) => preActResNet18({ classes: classNames.length, random }),
  "preactresnet-34": ({ classNames }, random) => preActResNet34({ classes: classNames.length, random }),
  "preactresnet-50": ({ classNames }, random) => preActResNet50({ classes: classNames.length, random }),
};

/** A model by its name on the command line. */
export function modelOf(name: string): Model {
  const [, depth, widen] = /^wideresnet-(\d+)-(\d+)$/.exec(name) ?? [];
  if (depth !== undefined) {
    return ({ classNames }, random) =>
      wideResNet({ classes: classNames.length, random, depth: Number(depth), widen: Number(widen) });
  }
  const model = Object.hasOwn(models, name) ? models[name] : undefined;
  if (model === undefined) {
    throw new ArgumentError("--model", name, `${Object.keys(models).join(", ")} or wideresnet-DEPTH-WIDTH`);
  }
  return model;
}
