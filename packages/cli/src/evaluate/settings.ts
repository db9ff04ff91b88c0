import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { AwpError } from "@awp/core";
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
  const file = given ?? options.weights;
  const { attack: attacks, epsilon: epsilons, norm, batchSize, seed, backend, state } = options;
  requireUsage(
    file !== undefined,
    typeof options.json === "string"
      ? `MODEL is missing. --json has taken ${options.json} as its file: write --json last, or --json=FILE`
      : "MODEL is missing: a .safetensors, or the model.json of a TensorFlow.js model",
  );
  requireUsage(/\.(safetensors|json)$/.test(file), `MODEL: ${file} is neither a .safetensors nor a model.json`);
  const overwritten = typeof options.json === "string" && resolve(options.json) === resolve(file);
  requireUsage(!overwritten, `--json would overwrite the model ${file}`);
  for (const name of attacks) usage(() => requireAttack(name, norm));
  const automatic = attacks.some((name) => autoAttackVersion(name) !== undefined);
  requireUsage(state === undefined || automatic, "--state keeps AutoAttack's progress, which is not among the attacks");
  requireUsage(options.resume !== true || state !== undefined, "--resume goes on from a file: --state FILE is missing");

  for (const path of [options.data, file]) {
    if (!existsSync(path)) throw new AwpError(`${path}: no such file or folder`);
  }
  if (options.resume === true && !existsSync(state as string)) throw new AwpError(`${state}: no state to go on from`);
  return {
    model: {
      file,
      network: options.model ?? options.network,
      output: options.output,
      scale: { range: range(options.range), bgr: options.bgr, mean: options.mean, std: options.std },
    },
    images: { directory: options.data, count: options.count, size: options.size, classNames: options.classNames },
    attacks: [...new Set(attacks)],
    norm,
    epsilons: [...new Set(epsilons)],
    ...{ batchSize, seed, backend, state },
  };
}

function range(values: readonly number[] | undefined): readonly [number, number] | undefined {
  if (values === undefined) return undefined;
  const [black, white] = values;
  const usable = values.length === 2 && black !== undefined && white !== undefined && black !== white;
  requireUsage(usable, `--range is ${values.join(",")}, want the values of black and white, such as -1,1`);
  return [black, white];
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
