import { Command, Option } from "@commander-js/extra-typings";
import { fraction, integer, list } from "../options/parsers";
import { backendOption, fromOption, processesOption, rankTimeoutOption, quietOption } from "../options/shared";
import {
  attackOption,
  checkpointOption,
  countOption,
  dataOption,
  epsilonOption,
  networkOption,
  normOption,
  splitOption,
} from "../landscape/subject-options";

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
    .argument("[model]", "a run of awp train, a training of it, a .safetensors or .pt, or hf:OWNER/NAME")
    .addOption(fromOption())
    .addOption(
      new Option("--gamma <radii>", "how far weights move, as a share of each layer's norm; a list for several")
        .argParser(list(fraction))
        .default([0.005, 0.01], "0.005,0.01"),
    )
    .addOption(new Option("--steps <n>", "of AWP, for the worst case").argParser(integer(1)).default(10))
    .addOption(new Option("--samples <n>", "random perturbations, for the average").argParser(integer(0)).default(10))
    .addOption(new Option("--eigenvalues <n>", "how many, the largest first").argParser(integer(0)).default(1))
    .addOption(new Option("--trace <n>", "estimate the trace by so many vectors").argParser(integer(0)).default(0))
    .addOption(attackOption())
    .addOption(epsilonOption())
    .addOption(normOption())
    .addOption(countOption(200))
    .addOption(splitOption())
    .addOption(checkpointOption())
    .addOption(dataOption())
    .addOption(networkOption())
    .addOption(
      new Option("--batch-size <n>", "images at once, which bounds the memory").argParser(integer(1)).default(50),
    )
    .addOption(new Option("--seed <n>", "what is drawn at random").argParser(integer(0)).default(0))
    .addOption(backendOption())
    .addOption(processesOption())
    .addOption(rankTimeoutOption())
    .option("--json [file]", "all figures: into the file, else to standard output")
    .addOption(quietOption())
    .addHelpText("after", examples);
}

export type SharpnessCommandOptions = ReturnType<ReturnType<typeof sharpnessOptions>["opts"]>;
