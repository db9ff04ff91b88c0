import { requireData, requireRuns } from "../data/require-runs";
import type { RunFigures } from "../run-figures";
import { accuracyAxis, dashed, named, shown } from "./encoding";
import { type Figure, figure } from "./view";

/**
 * Accuracy over the radius of the ball around each image, the runs in colours and the attacks in dashes. Accuracy on the
 * images as they are is each line's point at ε = 0.
 *
 * @example
 * await writeFigure("accuracy.svg", accuracyByEpsilon(runs));
 * @throws ArgumentError where there is no run, two have one name or one has no accuracy under an attack on the split
 */
export function accuracyByEpsilon(runs: readonly RunFigures[], { split = "test" }: { split?: string } = {}): Figure {
  requireRuns(runs);
  const rows = runs.flatMap((run) => rowsOf(run, split));
  const names = runs.map(({ name }) => name);
  const attacks = [...new Set(rows.map(({ attack }) => attack))];
  const view = {
    title: `Accuracy over ε, ${split}`,
    width: 420,
    height: 280,
    data: { values: rows },
    mark: { type: "line", point: { filled: true, size: 45 } },
    encoding: {
      x: {
        field: "levels",
        type: "quantitative",
        title: "ε (1/255 of the images' range)",
        scale: { nice: false, padding: 6 },
      },
      y: { ...accuracyAxis("Accuracy"), scale: { zero: true } },
      color: named("run", "run", names),
      strokeDash: dashed("attack", "attack", attacks),
      tooltip: [
        shown("run", "run"),
        shown("attack", "attack"),
        shown("levels", "ε × 255", ".3~f"),
        shown("accuracy", "accuracy", ".1%"),
        shown("images", "images", "d"),
      ],
    },
  };
  return figure({ title: "Accuracy under attack", subtitle: `split ${split}; ${attacks.join(", ")}`, views: [view] });
}

function rowsOf(run: RunFigures, split: string) {
  const here = run.accuracies.filter((figures) => figures.split === split);
  const attacked = here.filter(({ attack }) => attack !== "natural");
  requireData(attacked, `accuracies under an attack on split ${split}`, run, "at least one");
  const natural = here.find(({ attack }) => attack === "natural");
  const attacks = [...new Set(attacked.map(({ attack }) => attack))];
  const started = attacks
    .filter((attack) => !attacked.some((figures) => figures.attack === attack && figures.epsilon === 0))
    .flatMap((attack) => (natural === undefined ? [] : [{ ...natural, attack, epsilon: 0 }]));
  return [...started, ...attacked].map(({ attack, epsilon, accuracy, images }) => ({
    ...{ run: run.name, attack, accuracy, images },
    levels: 255 * epsilon,
  }));
}
