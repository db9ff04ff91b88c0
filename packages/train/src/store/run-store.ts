/** What is stored of a run beside its metrics: where it can go on from, and its best epoch. */
export type StoredKind = "checkpoint" | "best";

/** A checkpoint as it lies in a store. */
export interface StoredCheckpoint {
  /** How many epochs were done. */
  readonly epochs: number;
  /** Contents by file name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Where one run is kept, so that it can go on after a kill at any moment: a folder (`runDirectory` of
 * `@awp/train/node`), a browser's storage, a bucket. A store knows names and bytes and nothing of training.
 *
 * Everything is filed by `epochs`, the number of epochs done: 0 before the first. A call is over before the next begins.
 */
export interface RunStore {
  /** Names the store in errors, for example a path. */
  readonly place: string;
  /** Names one entry of the store in events and errors, whether it is there or not. */
  placeOf(kind: StoredKind, epochs: number): string;
  /** Whether a run has been stored here. */
  holdsRun(): Promise<boolean>;
  /** The newest complete checkpoint, if there is any. Throws an `AwpError` if there are some and all are incomplete. */
  newest(): Promise<StoredCheckpoint | undefined>;
  /** Stores the files whole or not at all, whatever ends the process meanwhile. */
  write(kind: StoredKind, epochs: number, files: ReadonlyMap<string, Uint8Array>): Promise<void>;
  /** Adds one line to the run's metrics: a JSON object whose `epoch` counts from 0, without a line break. */
  appendMetrics(line: string): Promise<void>;
  /** Forgets everything after the first `epochs` epochs, and what a killed training left half done. */
  cutBack(epochs: number): Promise<void>;
  /** Drops checkpoints that are too old to keep, and what was best before `best`, also given in epochs done. */
  prune(best: number | undefined): Promise<void>;
}
