import { landscapeLinesOf } from "../../data/landscape-line";
import { isPlane, planeGrid } from "../../data/plane-grid";
import { robustAlongTraining, robustAtEnd } from "../../data/robust-accuracy";
import { accuracyByEpsilon } from "../../figure/accuracy-by-epsilon";
import { gapAcrossMethods } from "../../figure/gap-across-methods";
import { gapAlongTraining } from "../../figure/gap-along-training";
import { landscapeLines } from "../../figure/landscape-lines";
import { landscapePlane } from "../../figure/landscape-plane";
import { trainingCurves } from "../../figure/training-curves";
import type { Figure } from "../../figure/view";
import type { RunFigures } from "../../run-figures";

/** A surface that can be turned. */
export interface Surface {
  readonly title: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly z: readonly (readonly (number | null)[])[];
}

/** What a section of the page shows. */
export type Drawing = { readonly figure: Figure } | { readonly figure: Figure; readonly surface: Surface };

/** What there is to draw of the runs' trainings; figures without data are left out. */
export function trainingDrawings(runs: readonly RunFigures[]): readonly Drawing[] {
  const trained = runs.filter(({ epochs }) => epochs.length > 0);
  return trained.length === 0 ? [] : [{ figure: trainingCurves(trained) }];
}

export function accuracyDrawings(runs: readonly RunFigures[]): readonly Drawing[] {
  const attacked = runs.filter(({ accuracies }) => {
    const radii = accuracies.flatMap(({ split, epsilon }) => (split === "test" ? [epsilon] : []));
    return new Set(radii).size > 2;
  });
  return attacked.length === 0 ? [] : [{ figure: accuracyByEpsilon(attacked) }];
}

export function gapDrawings(runs: readonly RunFigures[]): readonly Drawing[] {
  const along = runs.filter((run) => robustAlongTraining(run).length > 1 && hasLine(run));
  const ended = runs.filter((run) => robustAtEnd(run) !== undefined && hasLine(run));
  return [
    ...(ended.length > 1 ? [{ figure: gapAcrossMethods(ended) }] : []),
    ...along.map((run) => ({ figure: gapAlongTraining(run) })),
  ];
}

export function landscapeDrawings(runs: readonly RunFigures[]): readonly Drawing[] {
  const lined = runs.filter((run) =>
    (["adversarial", "clean"] as const).some((kind) => landscapeLinesOf(run, { kind }).length > 0),
  );
  const compared = lined.filter((run) => landscapeLinesOf(run).length > 0);
  const planes = runs.flatMap(({ name, landscapes }) =>
    landscapes.flatMap((landscape) => {
      const kind = isPlane(landscape, "adversarial") ? "adversarial" : "clean";
      if (!isPlane(landscape, kind)) return [];
      const { alphas, betas, values } = planeGrid(landscape, kind, "loss");
      const surface = {
        title: `${name}, epoch ${landscape.epoch}, ${landscape.split}`,
        x: alphas,
        y: betas,
        z: values,
      };
      return [{ figure: landscapePlane(landscape, { kind, name }), surface }];
    }),
  );
  return [
    ...(compared.length > 1 ? [{ figure: landscapeLines(compared, { kinds: ["adversarial"] }) }] : []),
    ...lined.map((run) => ({ figure: landscapeLines([run]) })),
    ...planes,
  ];
}

function hasLine(run: RunFigures): boolean {
  return landscapeLinesOf(run).some(({ split }) => split === "train");
}
