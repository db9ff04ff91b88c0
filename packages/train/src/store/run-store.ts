import type { Position } from "./position";

/** What is stored of a run beside its metrics: where it can go on from, and its best epoch. */
export type StoredKind = "checkpoint" | "best";

/** A checkpoint as it lies in a store. */
export interface StoredCheckpoint {
  /** How far the run had come. */
  readonly position: Position;
  /** Contents by file name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** What a run may still ask its store for. */
export interface Needed {
  readonly best: Position | undefined;
  /** The checkpoint between two epochs that a collapse goes back to. */
  readonly back: Position;
}

/**
 * Where one run is kept, so that it can go on after a kill at any moment: a folder (`runDirectory` of
 * `@awp/train/node`), a browser's storage, a bucket. A store knows names and bytes and nothing of training.
 *
 * Everything is filed by its position in the run, in the order of `comparePositions`. A best epoch lies between two
 * epochs; a checkpoint does too, unless the run was paused within an epoch. A call is over before the next begins.
 */
export interface RunStore {
  /** Names the store in errors, for example a path. */
  readonly place: string;
  /** Names one entry of the store in events and errors, whether it is there or not. */
  placeOf(kind: StoredKind, position: Position): string;
  /** Whether a run has been stored here. */
  holdsRun(): Promise<boolean>;
  /** The newest complete checkpoint, if there is any. Throws an `AwpError` if there are some and all are incomplete. */
  newest(): Promise<StoredCheckpoint | undefined>;
  /** Stores the files whole or not at all, whatever ends the process meanwhile; nothing is stored there yet. */
  write(kind: StoredKind, position: Position, files: ReadonlyMap<string, Uint8Array>): Promise<void>;
  /** Adds one line to the run's metrics: a JSON object whose `epoch` counts from 0, without a line break. */
  appendMetrics(line: string): Promise<void>;
  /**
   * Forgets everything after `position`, the metrics of the epochs that were not done by then among it, and what a killed
   * training left half done.
   */
  cutBack(position: Position): Promise<void>;
  /**
   * Drops checkpoints that are too old to keep, but for the one at `back`; those within an epoch as soon as there is a
   * newer one; and what was best before `best`.
   */
  prune(needed: Needed): Promise<void>;
}
