import { readFile } from "node:fs/promises";
import {
  assignEntries,
  type AssignEntriesOptions,
  AwpError,
  decodeSafetensors,
  encodeSafetensors,
  type Network,
  networkEntries,
} from "@awp/core";
import { writeWhole } from "@awp/core/node";

type Weights = Pick<Network, "parameters" | "buffers">;

/**
 * Writes parameters and running statistics as safetensors, with PyTorch's names and layouts and nothing else, so that
 * Python's strict `load_state_dict` takes them. The file appears whole or not at all.
 *
 * @throws AwpError that names the file if it cannot be written
 * @example
 * await saveWeights(network, "model.safetensors");
 */
export async function saveWeights(network: Weights, path: string): Promise<void> {
  await writeWhole(path, encodeSafetensors(await networkEntries(network)));
}

export interface LoadWeightsOptions extends AssignEntriesOptions {
  /** Beginnings of the names of entries to pass over, which the network does not have. @default none */
  readonly unused?: readonly string[];
}

/**
 * Gives the network the weights of a safetensors file, as {@link saveWeights} or PyTorch's users write it: all of its
 * parameters and running statistics must be there, and nothing else.
 *
 * Takes a `module.` before every name, and PyTorch's `num_batches_tracked`. The WideResNet checkpoints of RST and of
 * RobustBench carry a stage that no forward pass uses: `{ unused: ["sub_block1."] }`. With `{ except: ["fc."] }` a
 * network for other classes takes all but the last layer, and keeps its own, fresh one: pre-training's fine-tuning.
 *
 * @throws AwpError that names the file and what is missing, too many or of another shape; nothing is assigned then.
 * @throws ArgumentError for an exception that no weight of the network is.
 * @example
 * await loadWeights(network, "model.safetensors");
 */
export async function loadWeights(
  network: Weights,
  path: string,
  { unused = [], ...options }: LoadWeightsOptions = {},
): Promise<void> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new AwpError(`${path}: weights not read: ${(error as Error).message}`, { cause: error });
  });
  const { entries } = decodeSafetensors(bytes, path);
  const isUsed = (name: string): boolean => {
    const own = name.replace(/^module\./, "");
    return !unused.some((beginning) => own.startsWith(beginning));
  };
  assignEntries(network, new Map([...entries].filter(([name]) => isUsed(name))), path, options);
}
