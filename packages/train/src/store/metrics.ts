/** Figures of one epoch by name, for example natural and robust accuracy. */
export type Metrics = Readonly<Record<string, number>>;

/** The best epoch so far by the metric of the selection. */
export interface Best {
  /** Its number, from 0. */
  readonly epoch: number;
  readonly metric: string;
  readonly value: number;
}

/** A figure as it was in the epochs that had one. */
export interface Watched {
  readonly metric: string;
  /** The highest so far. */
  readonly best: number;
  /** The last. */
  readonly before: number;
}
