import type { BackendName } from "@awp/core";
import type { TrainConfig } from "./config/schema";
import type { RunEvent, RunOutcome } from "./run";
import type { Training } from "./training";

/** A training for a worker. */
export interface Job {
  readonly training: Training;
  readonly config: TrainConfig;
  readonly backend: BackendName;
  readonly directory: string;
  readonly resume: boolean;
  /** Two batches of everything. */
  readonly dryRun: boolean;
}

/** What a worker is told: its job, and then perhaps to end after the running step. */
export type WorkerOrder = Job | "pause";

/** What a worker tells. */
export type WorkerMessage =
  | { readonly kind: "event"; readonly event: RunEvent }
  | { readonly kind: "outcome"; readonly outcome: RunOutcome }
  | { readonly kind: "error"; readonly message: string };
