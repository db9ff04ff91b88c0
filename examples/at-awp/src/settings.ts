import { ArgumentError, AwpError } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import { networkNamed } from "@awp/models";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

/** What decides a run's result, whatever the machine. */
export interface Settings {
  /** Folder with CIFAR-10's binary files; null for synthetic images. */
  readonly data: string | null;
  readonly model: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /** Steps of PGD in training. */
  readonly steps: number;
  readonly gamma: number;
  readonly seed: number;
}

/** What the command line asks for. */
export interface CommandLine {
  /** Undefined when an earlier run is resumed: it has its own. */
  readonly settings: Settings | undefined;
  readonly backend: string | undefined;
  /** Folder of this run; undefined for a new one, or with `resume` for the newest one, under `runs`. */
  readonly output: string | undefined;
  readonly resume: boolean;
  /** Fetch CIFAR-10 into the folder of the images first. */
  readonly download: boolean;
  /** How many trainings run at once. */
  readonly jobs: number | undefined;
  readonly help: boolean;
}

const defaults: Settings = {
  data: null,
  model: "small-cnn",
  epochs: 25,
  batchSize: 64,
  learningRate: 0.1,
  steps: 7,
  gamma: 0.01,
  seed: 1,
};

export const usage: string = `npm run demo -- [options]

  --data DIR           folder with CIFAR-10's binary files   (default: synthetic images)
  --download           fetch CIFAR-10 into that folder first, where it is not there yet
  --model NAME         small-cnn, preactresnet-18, -34, -50, wideresnet-DEPTH-WIDTH   (${defaults.model})
  --epochs N           (${defaults.epochs})
  --batch-size N       (${defaults.batchSize})
  --learning-rate X    falls to a tenth at half, to a hundredth at three quarters   (${defaults.learningRate})
  --steps N            steps of PGD in training, 2/255 each   (${defaults.steps})
  --gamma X            size of the weight perturbation, relative to the weights   (${defaults.gamma})
  --seed N             (${defaults.seed})
  --backend NAME       torch, tensorflow, wasm or cpu   (the fastest there is)
  --jobs N             trainings at once   (2 on wasm and cpu, which use one core each; else 1)
  --output DIR         (a new folder in runs/)
  --resume             go on where the newest run, or the one in --output, was interrupted
`;

const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;
const settingOptions = {
  data: text,
  model: text,
  epochs: text,
  "batch-size": text,
  "learning-rate": text,
  steps: text,
  gamma: text,
  seed: text,
} as const;

/** Reads the command line; paths are relative to `from`. Throws an `ArgumentError` for what cannot be meant. */
export function parseCommandLine(args: readonly string[], from: string): CommandLine {
  const options = {
    ...settingOptions,
    backend: text,
    jobs: text,
    output: text,
    resume: flag,
    download: flag,
    help: flag,
  };
  const { values } = parsed(() => parseArgs({ args: [...args], options }));

  const given = Object.keys(settingOptions).find((name) => name in values);
  if (values.resume && given !== undefined) {
    throw new ArgumentError(`--${given}`, "a setting", "to leave it out: a resumed run keeps its settings");
  }
  const { jobs } = values;
  requireArgument(jobs === undefined || jobs === "1" || jobs === "2", "--jobs", jobs, "1 or 2");
  const settings: Settings = {
    data: values.data === undefined ? defaults.data : resolve(from, values.data),
    model: values.model ?? defaults.model,
    epochs: integer("--epochs", values.epochs, defaults.epochs, 1),
    batchSize: integer("--batch-size", values["batch-size"], defaults.batchSize, 2),
    learningRate: number("--learning-rate", values["learning-rate"], defaults.learningRate),
    steps: integer("--steps", values.steps, defaults.steps, 1),
    gamma: number("--gamma", values.gamma, defaults.gamma),
    seed: integer("--seed", values.seed, defaults.seed, 0),
  };
  requireArgument(!values.download || settings.data !== null, "--download", true, "--data DIR to say where");
  networkNamed(settings.model);
  return {
    settings: values.resume ? undefined : settings,
    backend: values.backend,
    output: values.output === undefined ? undefined : resolve(from, values.output),
    resume: values.resume,
    download: values.download,
    jobs: jobs === undefined ? undefined : Number(jobs),
    help: values.help,
  };
}

function parsed<Result>(parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    throw new AwpError(`${(error as Error).message}; --help lists the options`);
  }
}

function number(option: string, given: string | undefined, fallback: number): number {
  const value = given === undefined ? fallback : Number(given === "" ? Number.NaN : given);
  requireArgument(Number.isFinite(value) && value >= 0, option, given, "a number of at least 0");
  return value;
}

function integer(option: string, given: string | undefined, fallback: number, least: number): number {
  const value = number(option, given, fallback);
  requireArgument(Number.isSafeInteger(value) && value >= least, option, given, `an integer of at least ${least}`);
  return value;
}
