import {
  assignEntries,
  AwpError,
  decodeSafetensors,
  encodeSafetensors,
  type Network,
  networkEntries,
  type StoredTensor,
} from "@awp/core";
import { type CheckpointState, parseState } from "./checkpoint-state";
import type { Optimizer } from "../optimizer/optimizer";

/** A checkpoint is complete when it has these. */
export const checkpointFiles = ["model.safetensors", "optimizer.safetensors", "state.json"] as const;

const [modelFile, optimizerFile, stateFile] = checkpointFiles;

/** What a checkpoint holds, read and checked, but not yet given to a network. */
export interface Checkpoint {
  readonly state: CheckpointState;
  readonly model: ReadonlyMap<string, StoredTensor>;
  readonly optimizer: ReadonlyMap<string, StoredTensor>;
  /** Names it in errors. */
  readonly place: string;
}

/** The files of a checkpoint; the weights are read back for them. */
export async function encodeCheckpoint(
  network: Network,
  optimizer: Optimizer,
  state: CheckpointState,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const model = await networkEntries(network);
  return new Map([
    [modelFile, encodeSafetensors(model, { format: "pt" })],
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
  };
}

/** Gives the network and the optimizer what the checkpoint holds. */
export function restoreCheckpoint(
  { model, optimizer: slots, place }: Checkpoint,
  network: Network,
  optimizer: Optimizer,
): void {
  assignEntries(network, model, `${place}/${modelFile}`);
  assignEntries(stateOf(optimizer), slots, `${place}/${optimizerFile}`);
}

function stateOf(optimizer: Optimizer): Pick<Network, "parameters" | "buffers"> {
  return { parameters: optimizer.state, buffers: new Map() };
}
