import { Command, Option } from "@commander-js/extra-typings";
import { backendOption, processesOption, rankTimeoutOption, quietOption, requeueOption } from "../options/shared";
import { choice, duration, fraction, integer, list, share } from "../options/parsers";
import { followedNames } from "./config/from-recipe";
import { inImageScale } from "./config/image-scale";
import { type FieldPath, notes } from "./config/notes";
import { dataNames, isMapping, scheduleNames, schema, type TrainConfig } from "./config/schema";
import type { Values } from "./config/resolve";
import { methodNames } from "./methods";

interface FieldOption {
  readonly flags: string;
  readonly path: FieldPath;
  readonly parse?: (text: string) => unknown;
}

/** The options that set a field of the configuration, and check what can be checked by themselves. */
const fieldOptions: readonly FieldOption[] = [
  { flags: "--dataset <name>", path: "data.name", parse: choice(dataNames) },
  { flags: "--data <dir>", path: "data.directory" },
  { flags: "--network <name>", path: "network" },
  { flags: "--methods <list>", path: "methods", parse: list(choice(methodNames)) },
  { flags: "--norm <name>", path: "attack.norm", parse: choice(["linf", "l2"]) },
  { flags: "--epsilon <x>", path: "attack.epsilon", parse: fraction },
  { flags: "--step-size <x>", path: "attack.stepSize", parse: fraction },
  { flags: "--steps <n>", path: "attack.steps", parse: integer(1) },
  { flags: "--gamma <x>", path: "gamma", parse: fraction },
  { flags: "--schedule <name>", path: "schedule.name", parse: choice(scheduleNames) },
  { flags: "--learning-rate <x>", path: "schedule.learningRate", parse: fraction },
  { flags: "--epochs <n>", path: "epochs", parse: integer(1) },
  { flags: "--batch-size <n>", path: "batchSize", parse: integer(2) },
  { flags: "--seeds <list>", path: "seeds", parse: list(integer(0)) },
  { flags: "--jobs <n>", path: "jobs", parse: integer(1) },
  { flags: "--checkpoint-every <n>", path: "checkpointEvery", parse: integer(1) },
  { flags: "--keep <n>", path: "keep", parse: integer(1) },
  { flags: "--tensorboard", path: "tensorboard" },
  { flags: "--output <dir>", path: "output" },
];

/** The command with its options, without what it does. */
export function trainOptions() {
  const command = new Command("train")
    .alias("compare")
    .description("Train networks with adversarial training and AWP, and compare how robust they are.")
    .option("--config <file>", "settings in YAML or JSON; options stand above them")
    .addOption(
      new Option(
        "--recipe <name>",
        "a reference run, such as trades-awp/cifar10/linf; options and --config stand above it",
      ).argParser(choice(followedNames)),
    )
    .option("--print-config", "write the settings as YAML, each with its note, and end")
    .option("--download", "fetch CIFAR into the folder of --data first, where it is not there yet")
    .option("--resume", "go on with the newest run in runs/, or the one in --output")
    .option("--max-time <time>", "end after that long, for example 90s or 1h30m; --resume goes on", duration)
    .addOption(processesOption())
    .addOption(rankTimeoutOption())
    .option("--share <i/n>", "only this share of methods and seeds, from 0/N, into the --output of all", share)
    .addOption(requeueOption())
    .option("--dry-run", "two steps of everything, and nothing is kept")
    .option("--json", "the results as one JSON document")
    .addOption(quietOption())
    .addOption(backendOption());
  const defaults = schema.parse({});
  for (const { flags, path, parse } of fieldOptions) {
    const option = new Option(flags, `${notes[path]}${defaultIn(defaults, path)}`);
    command.addOption(parse === undefined ? option : option.argParser(parse));
  }
  return command.addHelpText("after", examples);
}

/** The settings among the given options, as a configuration has them. */
export function settingsIn(options: Values): Values {
  const given = fieldOptions.flatMap(({ flags, path }) => {
    const value = options[new Option(flags).attributeName()];
    return value === undefined ? [] : [[path, value] as const];
  });
  const settings: Record<string, unknown> = {};
  for (const [path, value] of given) {
    const [name = "", field] = path.split(".");
    settings[name] = field === undefined ? value : { ...(settings[name] as object | undefined), [field]: value };
  }
  const { backend } = options;
  return backend === undefined ? settings : { ...settings, backend };
}

function defaultIn(defaults: TrainConfig, path: string): string {
  const value = path.split(".").reduce<unknown>((at, name) => (isMapping(at) ? at[name] : undefined), defaults);
  if (typeof value === "number") return ` (${inImageScale(path, value)})`;
  return typeof value === "string" || Array.isArray(value) ? ` (${value.toString()})` : "";
}

const examples = `
The settings with no option of their own are fields of --config: see --print-config.

Ctrl-C, SIGTERM and Slurm's SIGUSR1 end it after the running step, with exit code 3 and a checkpoint from which
--resume goes on exactly there; a second Ctrl-C ends it at once.

Examples:
  awp train                                                  made-up images, a minute or two on two cores
  awp train --data data --download --epochs 30               CIFAR-10
  awp train --print-config > train.yaml                      … edit it …
  awp train --config train.yaml --max-time 3h                … and later
  awp train --resume`;
