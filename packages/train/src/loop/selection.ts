import { requireArgument } from "@awp/core/authoring";
import type { CollapseEvent } from "./training-event";
import type { Best, Metrics } from "../store/metrics";

export interface Selection {
  /** A name among `evaluate`'s figures; the highest is best, the first of equals. */
  readonly metric: string;
  /** What the figure is measured on. On the test set the choice flatters the result, and a warning says so. */
  readonly on: "validation" | "test";
}

export interface Chance {
  /** A name among `evaluate`'s figures, natural accuracy as a rule. */
  readonly metric: string;
  /** The figure of a guess, 1 / classes. Up to 1.1 times that counts as collapse. */
  readonly accuracy: number;
}

/** The better of this epoch and the best one before. An epoch without figures changes nothing. */
export function selectBest(epoch: number, metrics: Metrics, { metric }: Selection, best: Best | null): Best | null {
  const value = figure(metrics, metric, "selection.metric");
  if (value === undefined || Number.isNaN(value)) return best;
  return best?.metric !== metric || value > best.value ? { epoch, metric, value } : best;
}

/** Whether the epoch's figure is no better than a guess. */
export function collapseAt(epoch: number, metrics: Metrics, { metric, accuracy }: Chance): CollapseEvent | undefined {
  const value = figure(metrics, metric, "chance.metric");
  return value !== undefined && value <= 1.1 * accuracy ? { kind: "collapse", epoch, metric, value } : undefined;
}

/** The figure of that name; undefined in an epoch without figures. */
export function figure(metrics: Metrics, name: string, field: string): number | undefined {
  const names = Object.keys(metrics);
  requireArgument(names.length === 0 || name in metrics, field, name, `a figure of evaluate: ${names.join(", ")}`);
  return metrics[name];
}
