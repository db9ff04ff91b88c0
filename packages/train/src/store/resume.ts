import { requireArgument } from "@awp/core/authoring";
import { readCheckpoint, restoreCheckpoint } from "./checkpoint";
import type { CheckpointState } from "./checkpoint-state";
import type { RunDirectory } from "./run-directory";
import { requireSameRun } from "./run-identity";
import { changedRate } from "../loop/schedule-samples";
import type { TrainOptions } from "../loop/train-options";
import type { TrainEvent } from "../loop/training-event";

/** Throws an `ArgumentError` if a run has been stored in the directory. */
export async function requireNoRun(directory: RunDirectory): Promise<void> {
  const held = await directory.holdsRun();
  requireArgument(!held, "checkpoint.directory", directory.path, "a directory without a run, or resume: true");
}

/**
 * Gives network and optimizer the newest checkpoint, if there is one, and forgets what the run did after it.
 *
 * Answers with the state to go on from. Throws an `AwpError` if the checkpoint is damaged or of another run.
 */
export async function* resumeRun(
  directory: RunDirectory,
  { network, optimizer, schedule }: Pick<TrainOptions, "network" | "optimizer" | "schedule">,
  first: CheckpointState,
): AsyncGenerator<TrainEvent, CheckpointState> {
  const path = await directory.newestCheckpoint();
  if (path === undefined) {
    await directory.cutBack(0);
    return first;
  }
  const checkpoint = await readCheckpoint(path);
  const { state } = checkpoint;
  requireSameRun(state.run, first.run, path);
  restoreCheckpoint(checkpoint, network, optimizer);
  await directory.cutBack(state.epochs);
  await directory.prune(state.best);

  yield { kind: "resumed", epoch: state.epochs, directory: path };
  const changed = changedRate(schedule, state.schedule);
  if (changed) {
    yield warning(`the schedule now gives ${changed.now} at epoch ${changed.epoch}, where it gave ${changed.before}`);
  }
  if (first.backend !== state.backend) {
    yield warning(`the backend is now ${first.backend}, it was ${state.backend}: the last digits will differ`);
  }
  return { ...state, backend: first.backend, schedule: first.schedule };
}

function warning(message: string): TrainEvent {
  return { kind: "warning", message };
}
