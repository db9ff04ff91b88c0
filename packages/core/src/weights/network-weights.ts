import type { Variable } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Network } from "../contract";
import { AwpError, requireArgument } from "../error";
import type { StoredTensor } from "./safetensors";
import { toFloat32 } from "./stored-values";
import { fromTorchLayout, toTorchLayout } from "./torch-layout";

/** The part of a network that is stored: its parameters and its running statistics. */
export type NetworkWeights = Pick<Network, "parameters" | "buffers">;

/**
 * The network's weights as they are stored: PyTorch's names and layouts ([out, in, height, width], [out, in]),
 * float32, parameters first, nothing else.
 *
 * @example
 * const bytes = encodeSafetensors(await networkEntries(network));
 */
export async function networkEntries(network: NetworkWeights): Promise<Map<string, StoredTensor>> {
  const entries = new Map<string, StoredTensor>();
  for (const [name, variable] of weightsOf(network)) {
    const tensor = toTorchLayout(variable);
    try {
      const data = (await tensor.data<"float32">()).slice(); // some backends lend their own memory
      entries.set(name, { dtype: "F32", shape: tensor.shape, data });
    } finally {
      tensor.dispose();
    }
  }
  return entries;
}

export interface AssignEntriesOptions {
  /**
   * Beginnings of the names of weights that stay as they are, as those of a new last layer for other classes do: entries
   * of such names are passed over, whatever they hold. @default none
   */
  readonly except?: readonly string[];
}

/**
 * Gives the network the stored weights, after checking that every one is there with its shape and that there is no
 * other. PyTorch's `num_batches_tracked` and a `module.` before the names are accepted.
 *
 * @example
 * const { entries } = decodeSafetensors(await readFile("model.safetensors"));
 * assignEntries(network, entries, "model.safetensors");
 * @throws AwpError that names `source` and everything that does not fit; nothing is assigned then.
 * @throws ArgumentError for an exception that no weight of the network is.
 */
export function assignEntries(
  network: NetworkWeights,
  entries: ReadonlyMap<string, StoredTensor>,
  source: string,
  { except = [] }: AssignEntriesOptions = {},
): void {
  const all = weightsOf(network);
  for (const beginning of except) {
    const known = [...all.keys()].some((name) => name.startsWith(beginning));
    requireArgument(known, "except", beginning, `beginnings of the network's names, like ${[...all.keys()].at(-1)}`);
  }
  const weights = without(except, all);
  const stored = without(except, withoutWrapping(entries));
  const problems = [
    ...[...weights].flatMap(([name, variable]) => problemsOf(name, variable, stored.get(name))),
    ...[...stored.keys()].filter((name) => !weights.has(name)).map((name) => `${name} is not in the network`),
  ];
  if (problems.length > 0) throw new AwpError(`${source} does not fit the network: ${listed(problems)}`);

  for (const [name, variable] of weights) {
    const entry = stored.get(name) as StoredTensor;
    tf.tidy(() => {
      const values = tf.tensor(toFloat32(entry).slice(), [...entry.shape], "float32");
      variable.assign(fromTorchLayout(values));
    });
  }
}

/** What of a map is not named by one of these beginnings. */
function without<T>(beginnings: readonly string[], named: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...named].filter(([name]) => !beginnings.some((beginning) => name.startsWith(beginning))));
}

function weightsOf({ parameters, buffers }: NetworkWeights): Map<string, Variable> {
  return new Map([...parameters, ...buffers]);
}

/** The entries without the `module.` of PyTorch's DataParallel and the counters that no forward pass reads. */
function withoutWrapping(entries: ReadonlyMap<string, StoredTensor>): Map<string, StoredTensor> {
  const wrapped = entries.size > 0 && [...entries.keys()].every((name) => name.startsWith("module."));
  return new Map(
    [...entries]
      .filter(([name]) => !/(^|\.)num_batches_tracked$/.test(name))
      .map(([name, entry]) => [wrapped ? name.slice("module.".length) : name, entry]),
  );
}

function problemsOf(name: string, variable: Variable, entry: StoredTensor | undefined): readonly string[] {
  if (entry === undefined) return [`${name} is missing`];
  const wanted = torchShape(variable.shape);
  if (wanted.join() !== entry.shape.join()) {
    return [`${name} has shape [${entry.shape.join(", ")}], want [${wanted.join(", ")}]`];
  }
  return /^B?F\d+$/.test(entry.dtype) ? [] : [`${name} holds ${entry.dtype}, want floating-point numbers`];
}

function torchShape(shape: readonly number[]): readonly number[] {
  const [a, b, c, d] = shape as [number, number, number, number];
  if (shape.length === 4) return [d, c, a, b];
  return shape.length === 2 ? [b, a] : shape;
}

function listed(problems: readonly string[], most = 5): string {
  const more = problems.length - most;
  return problems.slice(0, most).join("; ") + (more > 0 ? `; and ${more} more` : "");
}
