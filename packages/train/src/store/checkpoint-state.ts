import { AwpError } from "@awp/core";
import type { RunIdentity } from "./run-identity";
import type { Best, Metrics, Watched } from "./metrics";
import type { Position } from "./position";
import type { ScheduleSamples } from "../optimizer/schedule-samples";

/** What is done of an epoch. */
export interface EpochProgress {
  readonly step: number;
  /** The sum of the outer loss over the examples so far. */
  readonly lossSum: number;
  /** How many examples those are. */
  readonly examples: number;
  /** The time taken. */
  readonly seconds: number;
}

/** An epoch before its first step. */
export const epochStart: EpochProgress = { step: 0, lossSum: 0, examples: 0, seconds: 0 };

/** The contents of a checkpoint's `state.json`. */
export interface CheckpointState {
  readonly version: 1;
  /** How many epochs are done: the number of the next one. */
  readonly epochs: number;
  /** What is done of the next epoch. */
  readonly within: EpochProgress;
  /** How many updates are done, those within the next epoch included. */
  readonly steps: number;
  /** Rows of an epoch's first batch. */
  readonly batchSize: number;
  /** The rate of the last step. */
  readonly learningRate: number;
  /** The rates that were to come, to notice another schedule. */
  readonly schedule: ScheduleSamples;
  /** The momenta that were to come, if they had a schedule. */
  readonly momentumSchedule?: ScheduleSamples;
  /** Figures of the last epoch. */
  readonly metrics: Metrics;
  readonly best: Best | null;
  /** What the detector of catastrophic overfitting remembers. */
  readonly watched: Watched | null;
  /** The epochs that the newest checkpoint between two epochs has done: where a collapse goes back to. */
  readonly back: number;
  /** How often it went back. */
  readonly rollbacks: number;
  /** What the schedule's rates are multiplied by since. */
  readonly rateFactor: number;
  /** The TensorFlow.js backend. */
  readonly backend: string;
  readonly run: RunIdentity;
}

/** The state before the first step. */
export function firstState(
  run: RunIdentity,
  backend: string,
  schedules: Pick<CheckpointState, "schedule" | "momentumSchedule">,
): CheckpointState {
  const counts = { epochs: 0, steps: 0, batchSize: 0, learningRate: 0, back: 0, rollbacks: 0, rateFactor: 1 };
  const nothing = { within: epochStart, metrics: {}, best: null, watched: null };
  return { version: 1, ...counts, ...nothing, ...schedules, backend, run };
}

/** How far the run of a state has come. */
export function positionOf({ epochs, within }: CheckpointState): Position {
  return { epochs, step: within.step };
}

/** Throws an `AwpError` that names `source` if the text is not a state of this version. */
export function parseState(text: string, source: string): CheckpointState {
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch {
    throw new AwpError(`${source} is not JSON`);
  }
  const { version, epochs, steps, batchSize, within, run } = (state ?? {}) as Partial<CheckpointState>;
  if (version !== 1) throw new AwpError(`${source}: got version ${JSON.stringify(version)}, want 1`);
  const counted = [epochs, steps, batchSize, within?.step].every((count) => Number.isSafeInteger(count));
  if (!counted || typeof run !== "object") throw new AwpError(`${source} lacks the state of a training`);
  return state as CheckpointState;
}
