import type { Norm } from "@awp/core";
import { Command, Option } from "@commander-js/extra-typings";
import { networkNamed } from "@awp/models";
import {
  backendOption,
  fromOption,
  networkNames,
  processesOption,
  rankTimeoutOption,
  quietOption,
  requeueOption,
} from "../options/shared";
import { choice, fraction, integer, list, name, number } from "../options/parsers";
import { attackNames, autoAttackVersion, attackHelp, attackNamed } from "./named-attack";

const norms: readonly Norm[] = ["linf", "l2", "l1"];

const attack = name((text) => autoAttackVersion(text) ?? attackNamed(text), attackNames);
const network = name(networkNamed, networkNames);

const examples = `
Attacks:
${attackHelp()}

Examples:
  awp evaluate model/model.json --data photos --attack fgsm,pgd-20 --epsilon 0,1/255,2/255,4/255
  awp evaluate mobilenet/model.json --data imagenette --class-names imagenet.txt --preprocessing tf
  awp evaluate wrn.safetensors --network wideresnet-34-10 --data cifar-10 --state wrn.state --json wrn.json
  awp evaluate hf:OWNER/NAME --data cifar-10 --count 1000
  awp evaluate --from robustbench:Wong2020Fast --data cifar-10 --count 200

Prints a table and, last, one line of JSON; with --json and no FILE one JSON document alone.`;

/** The command line of `awp evaluate`, without what it does. */
export function evaluateOptions() {
  return (
    new Command("evaluate")
      .description("Attack a trained model and tell how robust it is.")
      .argument(
        "[model]",
        "a .safetensors or .pt with PyTorch's names, the model.json of a TensorFlow.js model, or its folder, hf:OWNER/NAME or robustbench:NAME",
      )
      .addOption(fromOption())
      .option("--weights <file>", "of robustbench:NAME: its file (models/DATASET/NORM/NAME.pt, else it is fetched)")
      .option("--data <folder>", "CIFAR-10's or -100's binary files, or a folder of images for each class")
      .addOption(
        new Option("--attack <names>", "one or several, with commas between them")
          .argParser(list(attack))
          .default(["autoattack"], "autoattack"),
      )
      .addOption(
        new Option(
          "--epsilon <radii>",
          "how far an attack may go in the scale of [0, 1]; a list for several (8/255)",
        ).argParser(list(fraction)),
      )
      .addOption(new Option("--norm <name>", "linf, l2 or l1 (linf)").argParser(choice(norms)))
      .option("--count <n>", "only so many images: CIFAR's first, a folder's at even distances (all)", integer(1))
      .addOption(
        new Option(
          "--network <name>",
          `of a .safetensors: ${networkNames.join(", ")}, wideresnet-DEPTH-WIDTH (what stands beside it, else preactresnet-18)`,
        ).argParser(network),
      )
      .addOption(
        new Option(
          "--output <kind>",
          "what the model answers with: logits or probabilities (seen from its end)",
        ).argParser(choice(["logits", "probabilities"] as const)),
      )
      .addOption(
        new Option(
          "--preprocessing <name>",
          "the scale of Keras's preprocess_input: tf ([-1, 1]), caffe or torch",
        ).argParser(choice(["tf", "caffe", "torch"] as const)),
      )
      .option("--range <black,white>", "the scale of the images that the model wants (0,1)", list(number))
      .option("--mean <values>", "what it wants taken from each channel, in that scale (0)", list(number))
      .option("--std <values>", "what it wants each channel divided by (1)", list(number))
      .option("--bgr", "it wants blue first; mean and std in that order")
      .option("--resize", "images of another size than the model's are resized on their way into it")
      .option("--size <pixels>", "the side that a folder's images are brought to (what the model says)", integer(1))
      .option("--class-names <file>", "the classes in the model's order, a line each (a folder's, sorted)")
      .addOption(new Option("--batch-size <n>", "images at once").argParser(integer(1)).default(128))
      .addOption(new Option("--seed <n>", "what is drawn at random").argParser(integer(0)).default(0))
      .addOption(backendOption())
      .option("--state <file>", "keeps AutoAttack's progress there, and goes on from it where it exists")
      .option("--resume", "refuses to begin anew: --state's FILE must exist")
      .addOption(processesOption())
      .addOption(rankTimeoutOption())
      .addOption(requeueOption())
      .option("--json [file]", "the whole report, example by example: into the file, else to standard output")
      .addOption(quietOption())
      // The name that `npm run evaluate` has always had, beside --weights for MODEL.
      .addOption(new Option("--model <name>").argParser(network).hideHelp())
      .addHelpText("after", examples)
  );
}
