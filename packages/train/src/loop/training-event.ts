import type { Best, Metrics } from "../store/metrics";

/** What a training reports. Epochs count from 0, steps within their epoch from 1. */
export type TrainEvent =
  | WarningEvent
  | ResumedEvent
  | StepEvent
  | EpochEvent
  | CollapseEvent
  | OverfittingEvent
  | RollbackEvent
  | BestEvent
  | CheckpointEvent
  | StoppedEvent
  | PausedEvent;

/** Something that the user should know and that does not end the training. */
export interface WarningEvent {
  readonly kind: "warning";
  readonly message: string;
}

/** The training goes on from the checkpoint at `place`. */
export interface ResumedEvent {
  readonly kind: "resumed";
  readonly epoch: number;
  /** Steps of that epoch that are done already. */
  readonly step: number;
  readonly place: string;
}

export interface StepEvent {
  readonly kind: "step";
  readonly epoch: number;
  readonly step: number;
  readonly stepsPerEpoch: number;
  /** Mean outer loss of the steps since the last report. */
  readonly loss: number;
  readonly learningRate: number;
  /** Mean time of those steps, making their batches included. */
  readonly secondsPerStep: number;
}

export interface EpochEvent {
  readonly kind: "epoch";
  readonly epoch: number;
  /** Mean outer loss over the epoch's examples. */
  readonly loss: number;
  /** The rate of the last step. */
  readonly learningRate: number;
  /** Time taken, evaluation included. */
  readonly seconds: number;
  readonly metrics: Metrics;
}

/** The network does no better than guessing although the warm-up is over; the training goes on. */
export interface CollapseEvent {
  readonly kind: "collapse";
  readonly epoch: number;
  readonly metric: string;
  readonly value: number;
}

/** Catastrophic overfitting: in this epoch the figure fell below a part of its best so far; the training goes on. */
export interface OverfittingEvent {
  readonly kind: "catastrophic-overfitting";
  readonly epoch: number;
  readonly metric: string;
  /** The highest figure before this epoch. */
  readonly best: number;
  /** The figure of the epoch before. */
  readonly before: number;
  readonly now: number;
}

/** A collapse, after which the training goes on from its last checkpoint with a lower rate; its epochs come again. */
export interface RollbackEvent {
  readonly kind: "rollback";
  /** Where it collapsed. */
  readonly epoch: number;
  readonly step: number;
  /** The message of the `CollapseError`. */
  readonly reason: string;
  /** The epoch that comes next. */
  readonly to: number;
  /** How many rollbacks there have been, this one included. */
  readonly rollbacks: number;
  /** What the schedule's rates are multiplied by from here on. */
  readonly rateFactor: number;
}

/** The training ends before its last epoch: out of patience, as the best epoch lies too far back. */
export interface StoppedEvent {
  readonly kind: "stopped";
  /** The last epoch trained. */
  readonly epoch: number;
  readonly best: Best;
}

export interface BestEvent extends Best {
  readonly kind: "best";
  /** The place of its files, if the training has a store. */
  readonly place: string | undefined;
}

export interface CheckpointEvent {
  readonly kind: "checkpoint";
  readonly epoch: number;
  readonly place: string;
}

/** Where a training was paused. */
export interface Pause {
  readonly epoch: number;
  /** Steps done of that epoch. All of them, if its evaluation is still to be made. */
  readonly step: number;
  /** The place of the checkpoint, if the training has a store. */
  readonly place: string | undefined;
}

/** The training ends here, and goes on from here when it is resumed. */
export interface PausedEvent extends Pause {
  readonly kind: "paused";
}
