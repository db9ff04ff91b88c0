import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { AwpError } from "@awp/core";
import { modelReference } from "../model/reference";
import type { Scale } from "../model/scale";
import { isWeightsFile } from "../model/weights-file";
import { UsageError } from "../usage-error";
import type { EvaluationSettings } from "./evaluate-model";
import { autoAttackVersion, requireAttack } from "./named-attack";
import type { evaluateOptions } from "./options";

type Options = ReturnType<ReturnType<typeof evaluateOptions>["opts"]>;

/**
 * What the command line means, checked as far as it can be before any work.
 *
 * @throws UsageError for options that do not go together; AwpError for a file that is not there.
 */
export function settingsOf(given: string | undefined, options: Options): EvaluationSettings {
  const named = given ?? options.from;
  // Alone it has always been MODEL.
  const reference = modelReference(named === undefined ? options.weights : given, options.from);
  const published = reference?.kind === "robustbench" ? reference.model : undefined;
  const { attack: attacks, batchSize, seed, backend, state } = options;
  const norm = options.norm ?? published?.threatModel ?? "linf";
  const epsilons = options.epsilon ?? [published?.epsilon ?? 8 / 255];
  const data = options.data ?? (published && "data");
  requireUsage(
    reference !== undefined,
    typeof options.json === "string"
      ? `MODEL is missing. --json has taken ${options.json} as its file: write --json last, or --json=FILE`
      : "MODEL is missing: a .safetensors or .pt, or the model.json of a TensorFlow.js model",
  );
  requireUsage(data !== undefined, "--data is missing: a folder with CIFAR's files, or one of images for each class");
  const needless = named !== undefined && options.weights !== undefined && published === undefined;
  requireUsage(!needless, `--weights is the file of a robustbench:NAME, and the model is ${named}`);
  const architecture = options.model ?? options.network;
  const own = published !== undefined && (architecture !== undefined || scaleOf(options) !== undefined);
  requireUsage(!own, `${named} has its own network and scale: leave --network and those of the scale out`);
  const file = reference.kind === "file" ? reference.path : undefined;
  const overwritten = file !== undefined && typeof options.json === "string" && resolve(options.json) === resolve(file);
  requireUsage(!overwritten, `--json would overwrite the model ${file}`);
  for (const name of attacks) usage(() => requireAttack(name, norm));
  const automatic = attacks.some((name) => autoAttackVersion(name) !== undefined);
  requireUsage(state === undefined || automatic, "--state keeps AutoAttack's progress, which is not among the attacks");
  requireUsage(
    options.requeue !== true || state !== undefined,
    "--requeue goes on from a file: --state FILE is missing",
  );
  requireUsage(options.resume !== true || state !== undefined, "--resume goes on from a file: --state FILE is missing");

  for (const path of [data, file]) {
    if (path !== undefined && !existsSync(path)) throw new AwpError(`${path}: no such file or folder`);
  }
  const known = file === undefined || isWeightsFile(file) || file.endsWith(".json") || statSync(file).isDirectory();
  requireUsage(known, `MODEL: ${file} is neither a .safetensors, .pt or .pth nor a model.json or its folder`);
  if (options.resume === true && !existsSync(state as string)) throw new AwpError(`${state}: no state to go on from`);
  return {
    model: {
      reference,
      network: architecture,
      weights: published && options.weights,
      output: options.output,
      scale: scaleOf(options),
      resize: options.resize === true,
    },
    images: {
      directory: data,
      set: published?.dataset,
      count: options.count,
      size: options.size,
      classNames: options.classNames,
    },
    attacks: [...new Set(attacks)],
    norm,
    epsilons: [...new Set(epsilons)],
    ...{ batchSize, seed, backend, state },
  };
}

/** The scale that the options tell of; undefined where they do not. */
function scaleOf({ preprocessing, range, bgr, mean, std }: Options): Omit<Scale, "size"> | undefined {
  const own = Object.entries({ range, bgr, mean, std }).find(([, value]) => value !== undefined);
  const both = preprocessing !== undefined && own !== undefined;
  requireUsage(!both, `--preprocessing is a scale already, and --${own?.[0]} another`);
  const [black, white] = range ?? [0, 1];
  const usable = black !== undefined && white !== undefined && black < white && (range?.length ?? 2) === 2;
  requireUsage(usable, `--range is ${range?.join(",")}, want the values of black and white, such as -1,1`);
  if (preprocessing === undefined && own === undefined) return undefined;
  return { preprocessing, range: range === undefined ? undefined : [black, white], bgr, mean, std };
}

function usage(check: () => void): void {
  try {
    check();
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function requireUsage(condition: boolean, message: string): asserts condition {
  if (!condition) throw new UsageError(message);
}
