import { AwpError, type Norm } from "@awp/core";
import { requireArgument, requireNorm } from "@awp/core/authoring";
import { networkNamed } from "@awp/models";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { attackNames } from "./attacks";

export const usage: string = `npm run evaluate -- --weights FILE --data DIR [options]

  --model NAME         small-cnn, preactresnet-18, -34, -50, wideresnet-DEPTH-WIDTH   (preactresnet-18)
  --weights FILE       its weights, safetensors with PyTorch's names
  --data DIR           folder with CIFAR-10's binary files; its test images are attacked
  --count N            only the first N of them
  --attack NAME        ${attackNames.join(", ")}   (autoattack)
  --norm NAME          linf, l2 or l1   (linf)
  --epsilon X          a number or a fraction, in the scale of [0, 1]   (8/255)
  --batch-size N       (128)
  --seed N             (0)
  --backend NAME       torch, tensorflow, wasm or cpu   (the fastest there is)
  --json FILE          the whole report, example by example
  --state FILE         keeps AutoAttack's progress there, and goes on from it where it exists

Prints a table and, last, one line of JSON.
`;

export interface Settings {
  readonly model: string;
  readonly weights: string;
  readonly data: string;
  readonly count: number | undefined;
  readonly attack: string;
  readonly norm: Norm;
  readonly epsilon: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly backend: string | undefined;
  readonly json: string | undefined;
  readonly state: string | undefined;
}

const text = { type: "string" } as const;

/** Reads the command line; paths are relative to `from`. Undefined where help is wanted. */
export function parseCommandLine(args: readonly string[], from: string): Settings | undefined {
  const { values } = parsed(() =>
    parseArgs({
      args: [...args],
      options: {
        model: { ...text, default: "preactresnet-18" },
        weights: text,
        data: text,
        count: text,
        attack: { ...text, default: "autoattack" },
        norm: { ...text, default: "linf" },
        epsilon: { ...text, default: "8/255" },
        "batch-size": { ...text, default: "128" },
        seed: { ...text, default: "0" },
        backend: text,
        json: text,
        state: text,
        help: { type: "boolean", default: false },
      },
    }),
  );
  if (values.help) return undefined;
  networkNamed(values.model);
  requireArgument(values.weights !== undefined, "--weights", undefined, "a file");
  requireArgument(values.data !== undefined, "--data", undefined, "a folder");
  requireArgument(attackNames.includes(values.attack), "--attack", values.attack, `one of ${attackNames.join(", ")}`);
  requireNorm(values.norm as Norm);
  const path = (file: string | undefined): string | undefined => (file === undefined ? undefined : resolve(from, file));
  return {
    model: values.model,
    weights: resolve(from, values.weights),
    data: resolve(from, values.data),
    count: values.count === undefined ? undefined : integer("--count", values.count, 1),
    attack: values.attack,
    norm: values.norm as Norm,
    epsilon: fraction("--epsilon", values.epsilon),
    batchSize: integer("--batch-size", values["batch-size"], 1),
    seed: integer("--seed", values.seed, 0),
    backend: values.backend,
    json: path(values.json),
    state: path(values.state),
  };
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new AwpError(`${(error as Error).message}\n\n${usage}`, { cause: error });
  }
}

function integer(option: string, given: string, least: number): number {
  const value = Number(given);
  requireArgument(Number.isSafeInteger(value) && value >= least, option, given, `an integer of at least ${least}`);
  return value;
}

function fraction(option: string, given: string): number {
  const [numerator = NaN, denominator = 1, ...rest] = given.split("/").map(Number);
  const value = numerator / denominator;
  const usable = rest.length === 0 && Number.isFinite(value) && value >= 0 && !/^\s*$/.test(given);
  requireArgument(usable, option, given, "a number or a fraction such as 8/255, not negative");
  return value;
}
