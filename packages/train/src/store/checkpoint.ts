import {
  assignEntries,
  AwpError,
  decodeSafetensors,
  encodeSafetensors,
  networkEntries,
  type NetworkWeights,
  type StoredTensor,
} from "@awp/core";
import { type CheckpointState, parseState } from "./checkpoint-state";
import type { WeightAverage } from "../average/weight-average";
import type { Optimizer } from "../optimizer/optimizer";

/** A checkpoint is complete when it has these. */
export const checkpointFiles = ["model.safetensors", "optimizer.safetensors", "state.json"] as const;

/** What it has besides where the training averages the weights. */
export const averageFile = "average.safetensors";

const [modelFile, optimizerFile, stateFile] = checkpointFiles;

/** What a training changes, for a checkpoint to keep. */
export interface Trained {
  readonly network: NetworkWeights;
  readonly optimizer: Optimizer;
  readonly average?: WeightAverage;
}

/** What a checkpoint holds, read and checked, but not yet given to a network. */
export interface Checkpoint {
  readonly state: CheckpointState;
  readonly model: ReadonlyMap<string, StoredTensor>;
  readonly optimizer: ReadonlyMap<string, StoredTensor>;
  readonly average: ReadonlyMap<string, StoredTensor> | undefined;
  /** Names it in errors. */
  readonly place: string;
}

/** The files of a checkpoint; the weights are read back for them. */
export async function encodeCheckpoint(
  { network, optimizer, average }: Trained,
  state: CheckpointState,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const encoded = async (weights: NetworkWeights) => encodeSafetensors(await networkEntries(weights), { format: "pt" });
  return new Map([
    [modelFile, await encoded(network)],
    ...(average ? [[averageFile, await encoded(average.weights)] as const] : []),
    [optimizerFile, encodeSafetensors(await networkEntries(stateOf(optimizer)))],
    [stateFile, new TextEncoder().encode(`${JSON.stringify(state, null, 2)}\n`)],
  ]);
}

/** Throws an `AwpError` that names the file which is damaged. */
export function decodeCheckpoint(files: ReadonlyMap<string, Uint8Array>, place: string): Checkpoint {
  const read = (name: string): Uint8Array => {
    const bytes = files.get(name);
    if (bytes === undefined) throw new AwpError(`${place} has no ${name}`);
    return bytes;
  };
  const entriesOf = (name: string) => decodeSafetensors(read(name), `${place}/${name}`).entries;
  return {
    place,
    state: parseState(new TextDecoder().decode(read(stateFile)), `${place}/${stateFile}`),
    model: entriesOf(modelFile),
    optimizer: entriesOf(optimizerFile),
    average: files.has(averageFile) ? entriesOf(averageFile) : undefined,
  };
}

/** Gives the network, the optimizer and the average what the checkpoint holds. */
export function restoreCheckpoint(
  { model, optimizer: slots, average: averaged, place }: Checkpoint,
  { network, optimizer, average }: Trained,
): void {
  if (average !== undefined) {
    if (averaged === undefined) throw new AwpError(`${place} has no ${averageFile}`);
    assignEntries(average.weights, averaged, `${place}/${averageFile}`);
  }
  assignEntries(network, model, `${place}/${modelFile}`);
  assignEntries(stateOf(optimizer), slots, `${place}/${optimizerFile}`);
}

function stateOf(optimizer: Optimizer): NetworkWeights {
  return { parameters: optimizer.state, buffers: new Map() };
}
