import {
  accuracyByEpsilon,
  type Figure,
  gammaAblation,
  gapAcrossMethods,
  gapAlongTraining,
  landscapeLines,
  landscapePlane,
  perturbationComparison,
  type RunFigures,
  trainingCurves,
} from "@awp/report";
import { UsageError } from "../usage-error";

export interface FigureOptions {
  /** Whose landscapes are drawn, where only one split's are. */
  readonly split: string;
  /** Whether landscapes are compared by shape, g(α) − g(0). */
  readonly relative: boolean;
}

/** The figures of `awp figure`, by their names. */
export const figures = {
  "training-curves": (runs) => trainingCurves(runs),
  "gap-along-training": (runs, { split }) => gapAlongTraining(single(runs, "gap-along-training"), { split }),
  "gap-across-methods": (runs, { split }) => gapAcrossMethods(runs, { split }),
  "gamma-ablation": (runs, { split }) => gammaAblation(runs, gammaOf, { split }),
  "perturbation-comparison": (runs, { split }) => perturbationComparison(runs, { split }),
  "accuracy-by-epsilon": (runs) => accuracyByEpsilon(runs),
  "landscape-lines": (runs, { relative }) => landscapeLines(runs, { relative }),
  "landscape-plane": (runs) => lastPlane(single(runs, "landscape-plane")),
} satisfies Record<string, (runs: readonly RunFigures[], options: FigureOptions) => Figure>;

export type FigureName = keyof typeof figures;

export const figureNames = Object.keys(figures) as readonly FigureName[];

function single(runs: readonly RunFigures[], name: string): RunFigures {
  const [run, other] = runs;
  if (run !== undefined && other === undefined) return run;
  throw new UsageError(`${name}: got ${runs.length} trainings, ${runs.map((each) => each.name).join(", ")}; want one`);
}

/** AWP's radius in a training; 0 where the weights are not perturbed. */
function gammaOf({ settings }: RunFigures): number {
  return Number(settings["gamma"] ?? 0);
}

function lastPlane({ name, landscapes }: RunFigures): Figure {
  const planes = landscapes.filter(({ directions }) => directions.length === 2).sort((a, b) => a.epoch - b.epoch);
  const plane = planes.at(-1);
  if (plane === undefined) throw new UsageError(`landscape-plane: ${name} has no landscape along two directions`);
  return landscapePlane(plane, { name });
}
