import { requireRuns } from "../data/require-runs";
import type { RunFigures } from "../run-figures";
import type { LandscapesAlongTraining } from "./gap-along-training";
import { landscapeWords } from "./landscape-view";
import {
  accuracyByMethod,
  gapByMethod,
  landscapesByMethod,
  lastLines,
  methodGutter,
  type Outcome,
  outcomes,
} from "./methods-view";
import { type Figure, figure, type FigureParts, type View } from "./view";

/**
 * The weight-loss landscapes of several methods' final networks and their robust generalization gaps: figure 1b of Wu, Xia
 * and Wang 2020 (arXiv:2004.05884).
 *
 * @example
 * await writeFigure("gaps.svg", gapAcrossMethods(runs)); // of AT, AT-AWP, TRADES, …
 * @throws ArgumentError where there is no run, two have one name, or one has no landscape or no robust accuracy on both splits
 */
export function gapAcrossMethods(runs: readonly RunFigures[], options: LandscapesAlongTraining = {}): Figure {
  const { rows, landscapes, parts } = compared(runs, options);
  const title = "Weight-loss landscape and robust generalization gap by method";
  return figure({ ...parts, title, views: [landscapes, gapByMethod(rows)] });
}

/**
 * Robust accuracy, robust generalization gap and weight-loss landscape of AWP beside random weight perturbation and other
 * regularisers: figure 3 of Wu, Xia and Wang 2020 (arXiv:2004.05884).
 *
 * @example
 * await writeFigure("perturbations.svg", perturbationComparison(runs)); // of AT, AT-AWP, AT-RWP, …
 * @throws ArgumentError as {@link gapAcrossMethods}
 */
export function perturbationComparison(runs: readonly RunFigures[], options: LandscapesAlongTraining = {}): Figure {
  const { rows, landscapes, parts } = compared(runs, options);
  const title = "Weight perturbations and other regularisers";
  return figure({ ...parts, title, views: [accuracyByMethod(rows), gapByMethod(rows), landscapes] });
}

/** What a comparison of methods is made of. */
interface Compared {
  readonly rows: readonly Outcome[];
  readonly landscapes: View;
  readonly parts: Pick<FigureParts, "subtitle" | "gutter">;
}

function compared(runs: readonly RunFigures[], { split = "train" }: LandscapesAlongTraining): Compared {
  requireRuns(runs);
  const lines = lastLines(runs, split);
  const rows = outcomes(runs);
  return {
    rows,
    landscapes: landscapesByMethod(lines, runs, split),
    parts: { subtitle: landscapeWords(lines), gutter: methodGutter(rows) },
  };
}
