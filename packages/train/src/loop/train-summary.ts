import type { Pause } from "./training-event";
import type { Best, Metrics } from "../store/metrics";

/** What a training came to. */
export interface TrainSummary {
  /** Epochs done, those before a resume included. */
  readonly epochs: number;
  /** Updates made. */
  readonly steps: number;
  /** Figures of the last epoch. */
  readonly metrics: Metrics;
  /** The best epoch, if one was selected. */
  readonly best: Best | null;
  /**
   * The place of the best epoch's weights, if there is one and the training has a store: those that were evaluated, the
   * averaged ones where there is an average.
   */
  readonly bestPlace: string | undefined;
  /** Where it was paused, unless it came to its end. */
  readonly paused: Pause | undefined;
  /** Whether it ended before its last epoch because it was out of patience. */
  readonly stopped: boolean;
}
