/** Figures of one epoch by name, for example natural and robust accuracy. */
export type Metrics = Readonly<Record<string, number>>;

/** The best epoch so far by the metric of the selection. */
export interface Best {
  /** From 0. */
  readonly epoch: number;
  readonly metric: string;
  readonly value: number;
}

/** What a training reports. Epochs count from 0, steps within their epoch from 1. */
export type TrainEvent =
  | { readonly kind: "warning"; readonly message: string }
  | ResumedEvent
  | StepEvent
  | EpochEvent
  | CollapseEvent
  | BestEvent
  | CheckpointEvent;

/** The training goes on at `epoch`, from the checkpoint in `directory`. */
export interface ResumedEvent {
  readonly kind: "resumed";
  readonly epoch: number;
  readonly directory: string;
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
  /** That of the last step. */
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

export interface BestEvent extends Best {
  readonly kind: "best";
  /** Where it was stored, if the training has a directory. */
  readonly directory?: string;
}

export interface CheckpointEvent {
  readonly kind: "checkpoint";
  readonly epoch: number;
  readonly directory: string;
}
