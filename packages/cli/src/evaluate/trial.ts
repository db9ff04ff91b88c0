import type { Classifier, Norm } from "@awp/core";
import type { Dataset } from "@awp/data";
import type { Ranks } from "../ranks/ranks";
import type { Task } from "../terminal/progress";
import type { AttackRun } from "./report";

/** An attack on a classifier and some images, at a radius that is still to be chosen. */
export interface Trial {
  readonly attack: string;
  readonly norm: Norm;
  readonly batchSize: number;
  readonly seed: number;
  readonly classifier: Classifier;
  readonly images: Dataset;
}

/** How a trial is watched and ended. */
export interface Watch {
  readonly task: Task;
  /** Ends the trial between two batches, with the signal's reason. */
  readonly signal: AbortSignal | undefined;
  /** The processes that share the batches. */
  readonly ranks: Ranks;
}

/** What a trial finds at one radius. */
export type Found = Pick<AttackRun, "naturalAccuracy" | "robustAccuracy" | "autoAttack" | "perExample">;
