/** Figures of one epoch by name, for example natural and robust accuracy. */
export type Metrics = Readonly<Record<string, number>>;

/** The best epoch so far by the metric of the selection. */
export interface Best {
  /** From 0. */
  readonly epoch: number;
  readonly metric: string;
  readonly value: number;
}
