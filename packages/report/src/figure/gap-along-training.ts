import { type LandscapeLine, landscapeLinesOf } from "../data/landscape-line";
import { requireData } from "../data/require-runs";
import { type RobustAccuracies, robustAlongTraining } from "../data/robust-accuracy";
import type { LandscapeFigures, RunFigures } from "../run-figures";
import { accuracyAxis, epochAxis, namedTwice, pointsOf, shown } from "./encoding";
import { landscapeView, landscapeWords } from "./landscape-view";
import { type Figure, figure, type View } from "./view";

export interface LandscapesAlongTraining {
  /** Whose landscapes are drawn. @default "train" */
  readonly split?: string;
}

/**
 * Robust accuracy on training and test images over the epochs, the gap between them, and the weight-loss landscapes along
 * the training: figure 1a of Wu, Xia and Wang 2020 (arXiv:2004.05884). The accuracies are those at the landscapes' centres.
 * Epochs are compared along the directions that all of them have.
 *
 * @example
 * await writeFigure("gap.svg", gapAlongTraining(runs[0]!));
 * @throws ArgumentError where no epoch has landscapes of both splits under one attack
 */
export function gapAlongTraining(run: RunFigures, { split = "train" }: LandscapesAlongTraining = {}): Figure {
  const accuracies = robustAlongTraining(run);
  requireData(accuracies, "epochs with landscapes of both splits", run, "at least one, with adversarial images");
  const lines = landscapeLinesOf({ ...run, landscapes: alongSharedDirections(run.landscapes, split) });
  requireData(lines, `one-dimensional landscapes of split ${split}`, run, "at least one, with adversarial images");
  return figure({
    title: `Robust generalization gap and weight-loss landscape along the training of ${run.name}`,
    subtitle: landscapeWords(lines),
    views: [accuracyView(accuracies), gapView(accuracies), alongTraining(lines, split)],
    independent: ["color", "strokeDash"],
  });
}

/** The lines of a split, in the directions that every epoch has; in all directions where they share none. */
function alongSharedDirections(landscapes: readonly LandscapeFigures[], split: string): readonly LandscapeFigures[] {
  const lines = landscapes.filter((each) => each.split === split && each.points.length > 1);
  const epochs = [...new Set(lines.map(({ epoch }) => epoch))];
  const shared = lines.filter(({ directions: [direction] }) =>
    epochs.every((epoch) => lines.some((each) => each.epoch === epoch && each.directions[0] === direction)),
  );
  return shared.length > 0 ? shared : lines;
}

function accuracyView(accuracies: readonly RobustAccuracies[]): View {
  const rows = accuracies.flatMap(({ epoch, attack, ...of }) =>
    (["train", "test"] as const).map((split) => ({ epoch, attack, split, accuracy: of[split] })),
  );
  return {
    title: "Robust accuracy",
    data: { values: rows },
    mark: { type: "line", point: pointsOf(accuracies.length) },
    encoding: {
      x: epochAxis,
      y: accuracyAxis("Robust accuracy"),
      ...namedTwice("split", "images", ["train", "test"]),
      tooltip: [
        shown("split", "images"),
        shown("epoch", "epoch", "d"),
        shown("accuracy", "robust accuracy", ".1%"),
        shown("attack", "attack"),
      ],
    },
  };
}

function gapView(accuracies: readonly RobustAccuracies[]): View {
  return {
    title: "Gap, train − test",
    data: { values: accuracies.map(({ epoch, gap, attack }) => ({ epoch, gap, attack })) },
    mark: { type: "line", style: "difference", point: { filled: true, size: 45, style: "difference" } },
    encoding: {
      x: epochAxis,
      y: { field: "gap", type: "quantitative", title: "Gap (percentage points)" },
      tooltip: [shown("epoch", "epoch", "d"), shown("gap", "gap (points)", ".1f"), shown("attack", "attack")],
    },
  };
}

function alongTraining(lines: readonly LandscapeLine[], split: string): View {
  const epochs = [...new Set(lines.map(({ epoch }) => epoch))];
  const every = Math.ceil(epochs.length / 8);
  const legend = {
    type: "symbol",
    symbolType: "stroke",
    format: "d",
    values: epochs.filter((_, i) => i % every === 0),
  };
  return landscapeView({
    title: `Weight-loss landscape, ${split}`,
    lines,
    encoding: { color: { field: "epoch", type: "quantitative", title: "epoch", legend } },
    rowOf: ({ epoch }) => ({ series: `epoch ${epoch}` }),
  });
}
