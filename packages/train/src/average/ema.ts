import { requireFraction, requireNonNegative } from "@awp/core/authoring";
import { type AverageStatistics, weightAverage, type WeightAverage } from "./weight-average";

export interface EmaOptions {
  /**
   * What the average so far weighs beside the weights after an update, from 0 to 1; or that by the number of updates
   * since `start`, from 0, a fraction where `start` is none between two updates.
   */
  readonly decay: number | ((update: number) => number);
  /** The epochs, a fraction too, before which the average is just the weights: decay 0. @default 0 */
  readonly start?: number;
  /** @default "live" */
  readonly statistics?: AverageStatistics;
}

/**
 * The exponential moving average of the weights, updated after every step: `average ← decay · average + (1 − decay) · w`.
 * Dispose it after use.
 *
 * @example
 * // DMAT's (Wang et al. 2023, arXiv:2302.04638) in a training of 400 epochs.
 * const average = ema({ decay: (update) => Math.min(0.995, (1 + update) / (10 + update)), start: 0.025 * 400 });
 * const training = train({ ...settings, average });
 * @throws ArgumentError for an option out of range, and at the update whose decay is none from 0 to 1
 */
export function ema({ decay, start = 0, statistics = "live" }: EmaOptions): WeightAverage {
  requireNonNegative("start", start);
  const decayAt = (update: number): number => {
    const value = typeof decay === "number" ? decay : decay(update);
    requireFraction("decay", value);
    return value;
  };
  // Some values of a function tell it from another one.
  const shown = typeof decay === "number" ? decayAt(0) : [0, 10, 1000].map(decayAt).join(", ");
  return weightAverage({
    settings: { average: "ema", decay: shown, start },
    statistics,
    weightAt(step, stepsPerEpoch) {
      const update = step - 1 - start * stepsPerEpoch;
      return update < 0 ? 0 : decayAt(update);
    },
  });
}
