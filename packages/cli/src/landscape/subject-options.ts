import { networkNamed } from "@awp/models";
import { Option } from "@commander-js/extra-typings";
import { attackNamed, attackNames, autoAttackVersion } from "../evaluate/named-attack";
import { choice, fraction, integer, name } from "../options/parsers";
import { networkNames } from "../options/shared";

/* The options that say what is measured, the same in `awp landscape` and `awp sharpness`. */

const withoutAutoAttack = attackNames.filter((each) => autoAttackVersion(each) === undefined);

/** An attack by its name, or `none`. */
const attack = name((text) => text === "none" || attackNamed(text), ["none", ...withoutAutoAttack]);

export const attackOption = () =>
  new Option("--attack <name>", "none, or a name as awp evaluate has (a run's own, else pgd-10)").argParser(attack);

export const epsilonOption = () =>
  new Option(
    "--epsilon <radius>",
    "how far the attack may go in the scale of [0, 1] (a run's own, else 8/255)",
  ).argParser(fraction);

export const normOption = () =>
  new Option("--norm <name>", "linf, l2 or l1 (a run's own, else linf)").argParser(
    choice(["linf", "l2", "l1"] as const),
  );

export const countOption = (usual: number) =>
  new Option("--count <n>", "only the first so many images").argParser(integer(1)).default(usual);

export const splitOption = () =>
  new Option("--split <name>", "train or test images; a run's own training images")
    .argParser(choice(["train", "test"] as const))
    .default("train" as const);

export const checkpointOption = () =>
  new Option("--checkpoint <name>", "of a run: best, last, all, or an epoch").default("last");

export const dataOption = () => new Option("--data <folder>", "CIFAR's binary files (where a run had them)");

export const networkOption = () =>
  new Option(
    "--network <name>",
    `of a .safetensors or .pt: ${networkNames.join(", ")}, wideresnet-DEPTH-WIDTH (what stands beside it)`,
  ).argParser(name(networkNamed, networkNames));
