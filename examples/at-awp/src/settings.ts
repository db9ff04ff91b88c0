import { ArgumentError, requireArgument } from "@awp/core";
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
  /** How many trainings run at once. */
  readonly jobs: number | undefined;
  readonly help: boolean;
}

const defaults: Settings = {
  data: null,
  model: "small-cnn",
  epochs: 30,
  batchSize: 64,
  learningRate: 0.1,
  steps: 10,
  gamma: 0.01,
  seed: 1,
};

export const usage = `npm run demo -- [options]

  --data DIR           folder with CIFAR-10's binary files   (default: synthetic images)
  --model NAME         small-cnn, preactresnet-18, -34, -50, wideresnet-DEPTH-WIDTH   (${defaults.model})
  --epochs N           (${defaults.epochs})
  --batch-size N       (${defaults.batchSize})
  --learning-rate X    falls to a tenth at half, to a hundredth at three quarters   (${defaults.learningRate})
  --steps N            steps of PGD in training   (${defaults.steps})
  --gamma X            size of the weight perturbation, relative to the weights   (${defaults.gamma})
  --seed N             (${defaults.seed})
  --backend NAME       tensorflow, wasm or cpu   (the fastest there is)
  --jobs N             trainings at once   (2 on wasm and cpu, which use one core each; else 1)
  --output DIR         (a new folder in runs/)
  --resume             go on where the newest run, or the one in --output, was interrupted
`;

const settingNames = ["data", "model", "epochs", "batch-size", "learning-rate", "steps", "gamma", "seed"] as const;

/** Reads the command line; paths are relative to `from`. */
export function parseCommandLine(args: readonly string[], from: string): CommandLine {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...(Object.fromEntries(settingNames.map((name) => [name, text])) as Record<
        (typeof settingNames)[number],
        typeof text
      >),
      backend: text,
      jobs: text,
      output: text,
      resume: flag,
      help: flag,
    },
  });
  const number = (name: (typeof settingNames)[number], fallback: number): number =>
    parseNumber(name, values[name]) ?? fallback;
  const given = settingNames.find((name) => values[name] !== undefined);
  if (values.resume && given !== undefined) {
    throw new ArgumentError(`--${given}`, values[given], "to be left out: a resumed run keeps its settings");
  }
  const settings: Settings = {
    data: values.data === undefined ? defaults.data : resolve(from, values.data),
    model: values.model ?? defaults.model,
    epochs: number("epochs", defaults.epochs),
    batchSize: number("batch-size", defaults.batchSize),
    learningRate: number("learning-rate", defaults.learningRate),
    steps: number("steps", defaults.steps),
    gamma: number("gamma", defaults.gamma),
    seed: number("seed", defaults.seed),
  };
  const jobs = parseNumber("jobs", values.jobs);
  requireArgument(jobs === undefined || jobs === 1 || jobs === 2, "--jobs", jobs, "1 or 2");
  return {
    settings: values.resume ? undefined : settings,
    backend: values.backend,
    output: values.output === undefined ? undefined : resolve(from, values.output),
    resume: values.resume,
    jobs,
    help: values.help,
  };
}

function parseNumber(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  requireArgument(value.trim() !== "" && Number.isFinite(number), `--${name}`, value, "a number");
  return number;
}
