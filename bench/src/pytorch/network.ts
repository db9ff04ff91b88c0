import { AwpError, type Network, type Random } from "@awp/core";
import { preActResNet18, preActResNet34, wideResNet } from "@awp/models";

/** A network by the name that bench/pytorch/models.py has for it too. */
export function namedNetwork(name: string, random: Random): Network {
  const options = { classes: 10, random };
  if (name === "preactresnet18") return preActResNet18(options);
  if (name === "preactresnet34") return preActResNet34(options);
  const [, depth, widen] = /^wrn-(\d+)-(\d+)$/.exec(name) ?? [];
  if (depth === undefined || widen === undefined) {
    throw new AwpError(`network: got ${name}, wanted preactresnet18, preactresnet34 or wrn-DEPTH-WIDEN`);
  }
  return wideResNet({ ...options, depth: Number(depth), widen: Number(widen) });
}
