import { networkNamed } from "@awp/models";
import { Command, Option } from "@commander-js/extra-typings";
import { attackNamed, attackNames, autoAttackVersion } from "../evaluate/named-attack";
import { choice, fraction, integer, list, name } from "../options/parsers";
import { backendOption, quietOption } from "../options/shared";

const networks = ["preactresnet-18", "preactresnet-34", "preactresnet-50", "small-cnn", "wideresnet-34-10"];
const withoutAutoAttack = attackNames.filter((each) => autoAttackVersion(each) === undefined);
const attack = name((text) => text === "none" || attackNamed(text), ["none", ...withoutAutoAttack]);

const examples = `
Measured of the mean cross-entropy, with weights of rank > 1 moving and batch norm in evaluation mode:
  worst     how far the loss rises within γ of the weights' norms, by that many steps of AWP
  average   how far it rises under random perturbations of that size, with their standard deviation
  λ         the largest eigenvalues of its Hessian, by Lanczos; ? where not converged
  trace     of its Hessian, by Hutchinson, with its standard error

Adversarial images are made once, by the network as it is, and then stay.

Examples:
  awp sharpness runs/train-1
  awp sharpness runs/train-1/at/seed-1 --checkpoint all --eigenvalues 0
  awp sharpness wrn.safetensors --network wideresnet-10-1 --data cifar-10 --split test --count 200 --trace 10

Prints a table; with --json and no FILE one JSON document alone.`;

/** The command line of `awp sharpness`, without what it does. */
export function sharpnessOptions() {
  return new Command("sharpness")
    .description("Measure how sharp the minimum is that a network has come to.")
    .argument("<model>", "a run of awp train, a training of it, or a .safetensors")
    .addOption(
      new Option("--gamma <radii>", "how far weights move, as a share of each layer's norm; a list for several")
        .argParser(list(fraction))
        .default([0.005, 0.01], "0.005,0.01"),
    )
    .addOption(new Option("--steps <n>", "of AWP, for the worst case").argParser(integer(1)).default(10))
    .addOption(new Option("--samples <n>", "random perturbations, for the average").argParser(integer(0)).default(10))
    .addOption(new Option("--eigenvalues <n>", "how many, the largest first").argParser(integer(0)).default(1))
    .addOption(new Option("--trace <n>", "estimate the trace by so many vectors").argParser(integer(0)).default(0))
    .option("--attack <name>", "none, or a name as awp evaluate has (a run's own, else pgd-10)", attack)
    .option(
      "--epsilon <radius>",
      "how far the attack may go in the scale of [0, 1] (a run's own, else 8/255)",
      fraction,
    )
    .addOption(
      new Option("--norm <name>", "linf, l2 or l1 (a run's own, else linf)").argParser(
        choice(["linf", "l2", "l1"] as const),
      ),
    )
    .addOption(new Option("--count <n>", "only the first so many images").argParser(integer(1)).default(200))
    .addOption(
      new Option("--split <name>", "train or test images; a run's own training images")
        .argParser(choice(["train", "test"] as const))
        .default("train" as const),
    )
    .option("--checkpoint <name>", "of a run: best, last, all, or an epoch", "last")
    .option("--data <folder>", "CIFAR's binary files (where a run had them)")
    .option(
      "--network <name>",
      `of a .safetensors: ${networks.join(", ")}, wideresnet-DEPTH-WIDTH`,
      name(networkNamed, networks),
    )
    .addOption(
      new Option("--batch-size <n>", "images at once, which bounds the memory").argParser(integer(1)).default(50),
    )
    .addOption(new Option("--seed <n>", "what is drawn at random").argParser(integer(0)).default(0))
    .addOption(backendOption())
    .option("--json [file]", "all figures: into the file, else to standard output")
    .addOption(quietOption())
    .addHelpText("after", examples);
}

export type SharpnessCommandOptions = ReturnType<ReturnType<typeof sharpnessOptions>["opts"]>;
