import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { choice, integer, number } from "../options/parsers";
import {
  backendOption,
  fromOption,
  processesOption,
  rankTimeoutOption,
  quietOption,
  requeueOption,
} from "../options/shared";
import {
  attackOption,
  checkpointOption,
  countOption,
  dataOption,
  epsilonOption,
  networkOption,
  normOption,
  splitOption,
} from "./subject-options";

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
    .argument("[model]", "a run of awp train, a training of it, a .safetensors or .pt, or hf:OWNER/NAME")
    .addOption(fromOption())
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
    .addOption(attackOption())
    .addOption(epsilonOption())
    .addOption(normOption())
    .addOption(countOption(500))
    .addOption(splitOption())
    .addOption(checkpointOption())
    .addOption(
      new Option("--statistics <name>", "of batch normalisation: the centre's, or recalibrated at each point")
        .argParser(choice(["centre", "recalibrated"] as const))
        .default("centre" as const),
    )
    .addOption(new Option("--seed <n>", "of the first random direction").argParser(integer(0)).default(1))
    .addOption(dataOption())
    .addOption(networkOption())
    .addOption(new Option("--batch-size <n>", "images at once").argParser(integer(1)).default(100))
    .addOption(backendOption())
    .addOption(processesOption())
    .addOption(rankTimeoutOption())
    .addOption(requeueOption())
    .option("--json <file>", "keep the one landscape there")
    .option("--output <folder>", "keep landscapes there (RUN/landscapes)")
    .addOption(quietOption())
    .addHelpText("after", examples);
}

export type LandscapeCommandOptions = ReturnType<ReturnType<typeof landscapeOptions>["opts"]>;
