import { AwpError } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import { decodeCheckpoint, restoreCheckpoint, type Trained } from "./checkpoint";
import { type CheckpointState, positionOf } from "./checkpoint-state";
import { comparePositions, type Position } from "./position";
import { requireSameRun } from "./run-identity";
import type { Needed, RunStore } from "./run-store";
import type { Schedule } from "../optimizer/schedule";
import { changedRate } from "../optimizer/schedule-samples";

/** What a resumed run goes on with. */
export interface ResumeOptions extends Trained {
  readonly schedule: Schedule;
  readonly momentumSchedule?: Schedule;
}

/** The point from which a resumed run goes on. */
export interface Resumed {
  readonly state: CheckpointState;
  /** Names the checkpoint. */
  readonly place: string;
  /** What is no longer as it was although the run may go on, in words. */
  readonly changes: readonly string[];
}

/** Throws an `ArgumentError` if a run has been stored. */
export async function requireNoRun(store: RunStore): Promise<void> {
  requireArgument(!(await store.holdsRun()), "store", store.place, "one without a run, or resume: true");
}

/**
 * Gives network, optimizer and average the newest checkpoint, if there is one, and forgets what the run did after it. Undefined
 * if there is none.
 *
 * Throws an `AwpError` if the checkpoint is damaged or of another run.
 */
export async function resumeRun(
  store: RunStore,
  options: ResumeOptions,
  first: CheckpointState,
): Promise<Resumed | undefined> {
  const newest = await store.newest();
  if (newest === undefined) {
    await store.cutBack({ epochs: 0, step: 0 });
    return undefined;
  }
  const place = store.placeOf("checkpoint", newest.position);
  const checkpoint = decodeCheckpoint(newest.files, place);
  const { state } = checkpoint;
  requireSameRun(state.run, first.run, place);
  restoreCheckpoint(checkpoint, options);
  await store.cutBack(positionOf(state));
  await store.prune(neededBy(state));
  const { backend, schedule, momentumSchedule } = first;
  const now = { backend, schedule, ...(momentumSchedule && { momentumSchedule }) };
  return { state: { ...state, ...now }, place, changes: changesIn(state, options, backend) };
}

/**
 * The state of the checkpoint at that position, whose weights are back with it; what the run did after it is forgotten.
 *
 * Throws an `AwpError` if it is no longer there, or damaged.
 */
export async function goBack(store: RunStore, trained: Trained, position: Position): Promise<CheckpointState> {
  const place = store.placeOf("checkpoint", position);
  await store.cutBack(position);
  const newest = await store.newest();
  if (newest === undefined || comparePositions(newest.position, position) !== 0) throw new AwpError(`${place} is gone`);
  const checkpoint = decodeCheckpoint(newest.files, place);
  restoreCheckpoint(checkpoint, trained);
  return checkpoint.state;
}

/** What the store must not drop. */
export function neededBy(state: CheckpointState): Needed {
  return { best: bestPosition(state), back: { epochs: state.back, step: 0 } };
}

/** The end of the best epoch, if there is one: what its files are stored under. */
export function bestPosition({ best }: CheckpointState): Position | undefined {
  return best === null ? undefined : { epochs: best.epoch + 1, step: 0 };
}

function changesIn(before: CheckpointState, options: ResumeOptions, backend: string): readonly string[] {
  const changes: string[] = [];
  for (const name of ["schedule", "momentumSchedule"] as const) {
    const [samples, schedule] = [before[name], options[name]];
    const value = samples && schedule && changedRate(schedule, samples);
    if (value)
      changes.push(`the ${name} now gives ${value.now} at epoch ${value.epoch}, where it gave ${value.before}`);
  }
  if (backend !== before.backend) {
    changes.push(`the backend is now ${backend}, it was ${before.backend}: the last digits will differ`);
  }
  return changes;
}
