import { Command, Option } from "@commander-js/extra-typings";
import { list } from "../options/parsers";
import { quietOption } from "../options/shared";

const examples = `
SOURCE is a training, runs/train-1/at/seed-1, a run that has but one, or a file of weights. Pushed are, in one commit,
model.safetensors, config.json (what --from hf: makes the network of), README.md (a model card with settings and
results, which the hub shows), and of a training its settings, train.yaml, and a picture of its course.

Accuracies are those of the evaluation at a training's end, for its last weights, and of every awp evaluate --json of the
very weights in evaluation*.json beside them. A file that is no checkpoint of a run wants --evaluation.

Token: HF_TOKEN, or that of hf auth login. HF_ENDPOINT is another hub. Needs the hub's client: npm install @huggingface/hub

Examples:
  awp push runs/train-1/at-awp/seed-1 me/cifar10-at-awp --checkpoint best --license mit
  awp push runs/train-1/at-awp/seed-1 me/cifar10-at-awp --dry-run look
  awp push wrn.safetensors me/wrn --evaluation wrn.json --private`;

/** The command line of `awp push`, without what it does. */
export function pushOptions() {
  return new Command("push")
    .description("Put a network on the Hugging Face hub, with a model card made of its settings and results.")
    .argument("<source>", "a training of awp train, or a file of weights")
    .argument("<repo>", "OWNER/NAME on the hub; made if it is not there")
    .option("--checkpoint <name>", "of a training: last, best or an epoch", "last")
    .addOption(
      new Option("--evaluation <files>", "of weights without a run: what awp evaluate --json wrote").argParser(
        list((file) => file),
      ),
    )
    .option("--license <id>", "as the hub calls it, mit or apache-2.0 (none is named)")
    .option("--private", "a new model is seen by its owners alone")
    .option("--message <text>", "of the commit", "Upload model with awp")
    .option("--dry-run [folder]", "write the files into a folder (hub/OWNER/NAME) and push nothing")
    .addOption(quietOption())
    .addHelpText("after", examples);
}

export type PushCommandOptions = ReturnType<ReturnType<typeof pushOptions>["opts"]>;
