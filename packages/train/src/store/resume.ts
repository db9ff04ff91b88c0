import type { Network } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import { decodeCheckpoint, restoreCheckpoint } from "./checkpoint";
import { type CheckpointState, positionOf } from "./checkpoint-state";
import type { Position } from "./position";
import { requireSameRun } from "./run-identity";
import type { RunStore } from "./run-store";
import type { Optimizer } from "../optimizer/optimizer";
import type { Schedule } from "../optimizer/schedule";
import { changedRate } from "../optimizer/schedule-samples";

/** What a resumed run goes on with. */
export interface ResumeOptions {
  readonly network: Network;
  readonly optimizer: Optimizer;
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
 * Gives network and optimizer the newest checkpoint, if there is one, and forgets what the run did after it. Undefined
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
  restoreCheckpoint(checkpoint, options.network, options.optimizer);
  await store.cutBack(positionOf(state));
  await store.prune(bestPosition(state));
  const { backend, schedule, momentumSchedule } = first;
  const now = { backend, schedule, ...(momentumSchedule && { momentumSchedule }) };
  return { state: { ...state, ...now }, place, changes: changesIn(state, options, backend) };
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
