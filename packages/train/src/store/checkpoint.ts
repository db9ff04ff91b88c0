import { assignEntries, decodeSafetensors, encodeSafetensors, type Network, networkEntries, type StoredTensor } from "@awp/core";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeDirectory } from "./atomic-directory";
import { type CheckpointState, parseState } from "./checkpoint-state";
import type { Optimizer } from "../optimizer/optimizer";

/** A checkpoint is complete when its directory holds these. */
export const checkpointFiles = ["model.safetensors", "optimizer.safetensors", "state.json"] as const;

const [modelFile, optimizerFile, stateFile] = checkpointFiles;

/** What a checkpoint holds, read and checked, but not yet given to a network. */
export interface Checkpoint {
  readonly directory: string;
  readonly state: CheckpointState;
  readonly model: ReadonlyMap<string, StoredTensor>;
  readonly optimizer: ReadonlyMap<string, StoredTensor>;
}

/** Writes a checkpoint whole. */
export async function writeCheckpoint(
  directory: string,
  network: Network,
  optimizer: Optimizer,
  state: CheckpointState,
): Promise<void> {
  const model = await networkEntries(network);
  const files = new Map<string, Uint8Array>([
    [modelFile, encodeSafetensors(model, { format: "pt" })],
    [optimizerFile, encodeSafetensors(await networkEntries(stateOf(optimizer)))],
    [stateFile, new TextEncoder().encode(`${JSON.stringify(state, null, 2)}\n`)],
  ]);
  await writeDirectory(directory, files);
}

export async function readCheckpoint(directory: string): Promise<Checkpoint> {
  const [model, optimizer, state] = checkpointFiles.map((name) => join(directory, name)) as [string, string, string];
  return {
    directory,
    state: parseState(await readFile(state, "utf8"), state),
    model: decodeSafetensors(await readFile(model), model).entries,
    optimizer: decodeSafetensors(await readFile(optimizer), optimizer).entries,
  };
}

/** Gives the network and the optimizer what the checkpoint holds. */
export function restoreCheckpoint(checkpoint: Checkpoint, network: Network, optimizer: Optimizer): void {
  assignEntries(network, checkpoint.model, join(checkpoint.directory, modelFile));
  assignEntries(stateOf(optimizer), checkpoint.optimizer, join(checkpoint.directory, optimizerFile));
}

function stateOf(optimizer: Optimizer): Pick<Network, "parameters" | "buffers"> {
  return { parameters: optimizer.state, buffers: new Map() };
}
