import { networkNamed } from "@awp/models";
import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { attackNamed, attackNames, autoAttackVersion } from "../evaluate/named-attack";
import { choice, fraction, integer, name, number } from "../options/parsers";
import { backendOption, quietOption } from "../options/shared";

const networks = ["preactresnet-18", "preactresnet-34", "preactresnet-50", "small-cnn", "wideresnet-34-10"];
const withoutAutoAttack = attackNames.filter((each) => autoAttackVersion(each) === undefined);

/** An attack by its name, or `none`. */
const attack = name((text) => text === "none" || attackNamed(text), ["none", ...withoutAutoAttack]);

/** Positions from, to and how many, as -1:1:21; or a list with commas between them. */
export function alphas(text: string): readonly number[] {
  const [from, to, count, ...rest] = text.split(":");
  if (to === undefined) return distinct(text.split(",").map((part) => number(part.trim())));
  const [first, last, points] = [number(from ?? ""), number(to), integer(2)(count ?? "")];
  if (rest.length > 0 || first >= last) throw wanted;
  // Away from the middle on both sides, so that the positions of a range around 0 are symmetric to the bit.
  const [middle, half] = [(first + last) / 2, (last - first) / 2];
  return Array.from({ length: points }, (_, k) => middle + half * ((2 * k - points + 1) / (points - 1)));
}

function distinct(values: readonly number[]): readonly number[] {
  if (new Set(values).size < values.length) throw wanted;
  return [...values].sort((a, b) => a - b);
}

const wanted = new InvalidArgumentError("Wanted: FROM:TO:COUNT such as -1:1:21, or different numbers as -0.5,0,0.5.");

const examples = `
Directions:
  random            Gaussian, with the norms of the weights' filters: α = 1 is as far as the weights are from 0
  awp               along which AWP displaces the weights: α is its γ, so --alphas -0.02:0.02:21
  to:CHECKPOINT     from the weights to others: a .safetensors, or of a run best, last or an epoch
  FILE.safetensors  stored, by PyTorch's names and layouts, as long as it is

Examples:
  awp landscape runs/train-1/at/seed-1 --directions 5
  awp landscape runs/train-1 --checkpoint all --alphas -0.5:0.5:11 --count 200
  awp landscape runs/train-1/at-awp/seed-1 --plane --alphas -1:1:9
  awp landscape wrn.safetensors --network wideresnet-10-1 --data cifar-10 --attack pgd-10

Each landscape is a file of JSON in RUN/landscapes, which awp report draws. Ended early, the same command goes on.`;

/** The command line of `awp landscape`, without what it does. */
export function landscapeOptions() {
  return new Command("landscape")
    .description("Measure the loss of a network along directions of its weights, attacked anew at each point.")
    .argument("<model>", "a run of awp train, a training of it, or a .safetensors")
    .option("--direction <direction>", "random, awp, to:CHECKPOINT or FILE.safetensors", "random")
    .addOption(
      new Option("--directions <n>", "so many random directions, of seeds one after the other")
        .argParser(integer(1))
        .default(1),
    )
    .addOption(
      new Option("--normalization <name>", "what a direction's length is: filter, layer or none (its own)").argParser(
        choice(["filter", "layer", "none"] as const),
      ),
    )
    .option("--plane", "two directions at once, of which the second is random")
    .addOption(
      new Option("--alphas <positions>", "FROM:TO:COUNT, or a list")
        .argParser(alphas)
        .default(alphas("-1:1:21"), "-1:1:21"),
    )
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
    .addOption(new Option("--count <n>", "only the first so many images").argParser(integer(1)).default(500))
    .addOption(
      new Option("--split <name>", "train or test images; a run's own training images")
        .argParser(choice(["train", "test"] as const))
        .default("train" as const),
    )
    .option("--checkpoint <name>", "of a run: best, last, all, or an epoch", "last")
    .addOption(
      new Option("--statistics <name>", "of batch normalisation: the centre's, or recalibrated at each point")
        .argParser(choice(["centre", "recalibrated"] as const))
        .default("centre" as const),
    )
    .addOption(new Option("--seed <n>", "of the first random direction").argParser(integer(0)).default(1))
    .option("--data <folder>", "CIFAR's binary files (where a run had them)")
    .option(
      "--network <name>",
      `of a .safetensors: ${networks.join(", ")}, wideresnet-DEPTH-WIDTH`,
      name(networkNamed, networks),
    )
    .addOption(new Option("--batch-size <n>", "images at once").argParser(integer(1)).default(100))
    .addOption(backendOption())
    .option("--json <file>", "keep the one landscape there")
    .option("--output <folder>", "keep landscapes there (RUN/landscapes)")
    .addOption(quietOption())
    .addHelpText("after", examples);
}

export type LandscapeCommandOptions = ReturnType<ReturnType<typeof landscapeOptions>["opts"]>;
