import {
  assignEntries,
  type AssignEntriesOptions,
  encodeSafetensors,
  type Network,
  networkEntries,
  type StoredTensor,
} from "@awp/core";
import { writeWhole } from "@awp/core/node";
import { readWeights, type ReadWeightsOptions } from "./read-weights";
import { encodeCheckpoint } from "./torch/encode-checkpoint";
import { unwrapped } from "./unwrapped";

type Weights = Pick<Network, "parameters" | "buffers">;

/**
 * Writes parameters and running statistics with PyTorch's names and layouts and nothing else, so that Python's strict
 * `load_state_dict` takes them: as safetensors, or by a name that ends in `.pt` or `.pth` as `torch.save` does. The file
 * appears whole or not at all.
 *
 * @throws AwpError that names the file if it cannot be written
 * @example
 * await saveWeights(network, "model.safetensors");
 */
export async function saveWeights(network: Weights, path: string): Promise<void> {
  await writeWeights(await networkEntries(network), path);
}

/**
 * Writes tensors with their names, types and layouts, as {@link saveWeights} does those of a network.
 *
 * @throws AwpError that names the file if it cannot be written
 * @example
 * await writeWeights(unwrapped(await readWeights("checkpoint.pt")), "model.safetensors");
 */
export async function writeWeights(entries: ReadonlyMap<string, StoredTensor>, path: string): Promise<void> {
  await writeWhole(path, /\.pth?$/.test(path) ? encodeCheckpoint(entries) : encodeSafetensors(entries));
}

export interface LoadWeightsOptions extends AssignEntriesOptions, ReadWeightsOptions {
  /** Beginnings of the names of entries to pass over, which the network does not have. @default none */
  readonly unused?: readonly string[];
}

/**
 * Gives the network the weights of a file, as {@link saveWeights} or PyTorch's users write it: all of its parameters and
 * running statistics must be there, and nothing else. {@link readWeights} tells which files it reads.
 *
 * Takes {@link unwrapped} names, halves and doubles as float32, and passes PyTorch's `num_batches_tracked` over. The
 * WideResNet checkpoints of RST and of RobustBench carry a stage that no forward pass uses: `{ unused: ["sub_block1."] }`.
 * With `{ except: ["fc."] }` a network for other classes takes all but the last layer, and keeps its own, fresh one:
 * pre-training's fine-tuning.
 *
 * @throws AwpError that names the file and what is missing, too many or of another shape; nothing is assigned then.
 * @throws ArgumentError for an exception that no weight of the network is.
 * @example
 * await loadWeights(network, "model.safetensors");
 */
export async function loadWeights(
  network: Weights,
  path: string,
  { unused = [], key, ...options }: LoadWeightsOptions = {},
): Promise<void> {
  const own = [...network.parameters.keys(), ...network.buffers.keys()];
  const entries = unwrapped(await readWeights(path, { key }), own);
  const isUsed = (name: string): boolean => !unused.some((beginning) => name.startsWith(beginning));
  assignEntries(network, new Map([...entries].filter(([name]) => isUsed(name))), path, options);
}
