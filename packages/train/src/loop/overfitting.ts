import { requireArgument } from "@awp/core/authoring";
import { figure } from "./selection";
import type { OverfittingEvent } from "./training-event";
import type { Metrics, Watched } from "../store/metrics";

/**
 * How catastrophic overfitting is noticed: training on one-step attacks, a network may lose within an epoch what it could
 * do against attacks of several steps, while it does ever better against the one it is trained on (Wong, Rice, Kolter 2020,
 * arXiv:2001.03994; Andriushchenko, Flammarion 2020, arXiv:2007.02617).
 */
export interface Overfitting {
  /** A name among `evaluate`'s figures: the robust accuracy under an attack of several steps, PGD for example. */
  readonly metric: string;
  /** The part of the best figure so far whose loss in one epoch counts, above 0 and below 1. @default 0.5 */
  readonly drop?: number;
}

export function requireOverfitting({ drop = 0.5 }: Overfitting): void {
  requireArgument(drop > 0 && drop < 1, "overfitting.drop", drop, "a number above 0 and below 1");
}

/** What to remember after an epoch, and the event if the figure fell through the threshold in it. NaN is no figure. */
export function watchedAt(
  epoch: number,
  metrics: Metrics,
  overfitting: Overfitting | undefined,
  watched: Watched | null,
): { readonly watched: Watched | null; readonly event?: OverfittingEvent } {
  if (overfitting === undefined) return { watched };
  const { metric, drop = 0.5 } = overfitting;
  const now = figure(metrics, metric, "overfitting.metric");
  if (now === undefined || Number.isNaN(now)) return { watched };
  if (watched?.metric !== metric) return { watched: { metric, best: now, before: now } };
  const { best, before } = watched;
  const next = { watched: { metric, best: Math.max(best, now), before: now } };
  const least = (1 - drop) * best;
  if (now >= least || before < least) return next;
  return { ...next, event: { kind: "catastrophic-overfitting", epoch, metric, best, before, now } };
}
