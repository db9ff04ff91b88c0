import { ArgumentError, type Network, type Random } from "@awp/core";
import { preActResNet18, preActResNet34, preActResNet50, smallCnn, wideResNet } from "@awp/models";

/** A network by its name on the command line. */
export function networkOf(name: string, classes: number, random: Random): Network {
  const options = { classes, random };
  const named = {
    "small-cnn": smallCnn,
    "preactresnet-18": preActResNet18,
    "preactresnet-34": preActResNet34,
    "preactresnet-50": preActResNet50,
  };
  if (Object.hasOwn(named, name)) return named[name as keyof typeof named](options);
  const [, depth, widen] = /^wideresnet-(\d+)-(\d+)$/.exec(name) ?? [];
  if (depth !== undefined) return wideResNet({ ...options, depth: Number(depth), widen: Number(widen) });
  throw new ArgumentError("--model", name, `${Object.keys(named).join(", ")} or wideresnet-DEPTH-WIDTH`);
}
