import { requireData, requireRuns } from "../data/require-runs";
import type { RunFigures } from "../run-figures";
import { accuracyAxis, epochAxis, longest, named, namedTwice, pointsOf, shown } from "./encoding";
import { type Figure, figure, type View } from "./view";

/**
 * Loss, learning rate and accuracies on held out images by epoch, the runs in colours.
 *
 * @throws ArgumentError where there is no run, two have one name or one was not trained here
 */
export function trainingCurves(runs: readonly RunFigures[]): Figure {
  requireRuns(runs);
  for (const run of runs) requireData(run.epochs, "epochs", run, "at least one");
  const names = runs.map(({ name }) => name);
  const rows = runs.flatMap(({ name, epochs }) => epochs.map((epoch) => ({ run: name, ...epoch })));
  const held = rows.flatMap(({ run, epoch, metrics }) =>
    Object.entries(metrics).map(([metric, accuracy]) => ({ run, epoch, metric, accuracy })),
  );
  const color = namedTwice("run", null, names);
  const point = pointsOf(longest(rows, ({ run }) => run));
  const measured = (title: string, field: "loss" | "learningRate", y: object): View =>
    ({
      title,
      data: { values: rows.map((row) => ({ run: row.run, epoch: row.epoch, [field]: row[field] })) },
      mark: { type: "line", point, ...(field === "learningRate" ? { interpolate: "step" } : {}) },
      encoding: {
        x: epochAxis,
        y: { field, type: "quantitative", ...y },
        ...color,
        tooltip: [shown("run", "run"), shown("epoch", "epoch", "d"), shown(field, title.toLowerCase(), ".4~g")],
      },
    }) as View;
  const metrics = [...new Set(held.map(({ metric }) => metric))];
  const accuracies = {
    title: "Accuracy on held out images",
    data: { values: held },
    mark: { type: "line", point },
    encoding: {
      x: epochAxis,
      y: accuracyAxis("Accuracy"),
      color: named("run", null, names),
      strokeDash: named("metric", "images", metrics),
      tooltip: [
        shown("run", "run"),
        shown("epoch", "epoch", "d"),
        shown("metric", "images"),
        shown("accuracy", "accuracy", ".1%"),
      ],
    },
  } as View;
  return figure({
    title: "Training",
    subtitle: names.join(", "),
    views: [
      measured("Loss", "loss", { title: "Outer loss (nats)", scale: { zero: false } }),
      measured("Learning rate", "learningRate", { title: "Learning rate" }),
      ...(held.length > 0 ? [accuracies] : []),
    ],
    independent: ["strokeDash"],
  });
}
