import { requireCount } from "@awp/core/authoring";
import { type AverageStatistics, weightAverage, type WeightAverage } from "./weight-average";

export interface SwaOptions {
  /** The first epoch, from 0, whose weights at its end are in the mean. Before that the average is each epoch's weights. */
  readonly start: number;
  /** @default "recomputed" */
  readonly statistics?: AverageStatistics;
}

/**
 * Stochastic weight averaging: the mean of the weights at the ends of the epochs from `start` on, each of equal weight.
 * Dispose it after use.
 *
 * @example
 * const average = swa({ start: 75 });
 * const training = train({ ...settings, average });
 * @throws ArgumentError for an option out of range
 * @see Izmailov et al. 2018, arXiv:1803.05407
 */
export function swa({ start, statistics = "recomputed" }: SwaOptions): WeightAverage {
  requireCount("start", start, 0);
  return weightAverage({
    settings: { average: "swa", start },
    statistics,
    weightAt(step, stepsPerEpoch) {
      if (step % stepsPerEpoch !== 0) return undefined;
      const taken = Math.max(0, step / stepsPerEpoch - 1 - start);
      return taken / (taken + 1);
    },
  });
}
