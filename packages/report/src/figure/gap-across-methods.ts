import { requireRuns } from "../data/require-runs";
import type { RunFigures } from "../run-figures";
import type { LandscapesAlongTraining } from "./gap-along-training";
import { landscapeWords } from "./landscape-view";
import { accuracyByMethod, gapByMethod, landscapesByMethod, lastLines, methodGutter, outcomes } from "./methods-view";
import { type Figure, figure } from "./view";

/**
 * The weight-loss landscapes of several methods' final networks and their robust generalization gaps: figure 1b of Wu, Xia
 * and Wang 2020 (arXiv:2004.05884).
 *
 * @throws ArgumentError where there is no run, two have one name, or one has no landscape or no robust accuracy on both splits
 */
export function gapAcrossMethods(
  runs: readonly RunFigures[],
  { split = "train" }: LandscapesAlongTraining = {},
): Figure {
  requireRuns(runs);
  const lines = lastLines(runs, split);
  const rows = outcomes(runs, ({ name }) => name);
  return figure({
    title: "Weight-loss landscape and robust generalization gap by method",
    subtitle: landscapeWords(lines),
    gutter: methodGutter(rows),
    views: [landscapesByMethod(lines, runs, split), gapByMethod(rows)],
  });
}

/**
 * Robust accuracy, robust generalization gap and weight-loss landscape of AWP beside random weight perturbation and other
 * regularisers: figure 3 of Wu, Xia and Wang 2020 (arXiv:2004.05884).
 *
 * @throws ArgumentError as {@link gapAcrossMethods}
 */
export function perturbationComparison(
  runs: readonly RunFigures[],
  { split = "train" }: LandscapesAlongTraining = {},
): Figure {
  requireRuns(runs);
  const lines = lastLines(runs, split);
  const rows = outcomes(runs, ({ name }) => name);
  return figure({
    title: "Weight perturbations and other regularisers",
    subtitle: landscapeWords(lines),
    gutter: methodGutter(rows),
    views: [accuracyByMethod(rows), gapByMethod(rows), landscapesByMethod(lines, runs, split)],
  });
}
