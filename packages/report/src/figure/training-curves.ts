import type { Json } from "../json";
import { requireData, requireRuns } from "../data/require-runs";
import type { RunFigures } from "../run-figures";
import { accuracyAxis, epochAxis, longest, namedTwice, pointsOf, shown } from "./encoding";
import { type Figure, figure, type View } from "./view";

/**
 * Loss, learning rate and each of the accuracies on held out images by epoch, the runs in colours and dashes.
 *
 * @example
 * await writeFigure("curves.html", trainingCurves(runs));
 * @throws ArgumentError where there is no run, two have one name or one was not trained here
 */
export function trainingCurves(runs: readonly RunFigures[]): Figure {
  requireRuns(runs);
  for (const run of runs) requireData(run.epochs, "epochs", run, "at least one");
  const names = runs.map(({ name }) => name);
  const rows = runs.flatMap(({ name, epochs }) => epochs.map((epoch) => ({ run: name, ...epoch })));
  const metrics = [...new Set(rows.flatMap((row) => Object.keys(row.metrics)))];
  const curve = ({ title, field, y, format, values, mark = {} }: Curve): View => ({
    title,
    data: { values },
    mark: { type: "line", point: pointsOf(longest(rows, ({ run }) => run)), ...mark },
    encoding: {
      x: epochAxis,
      y: { field, type: "quantitative", ...y },
      ...namedTwice("run", null, names),
      tooltip: [shown("run", "run"), shown("epoch", "epoch", "d"), shown(field, title.toLowerCase(), format)],
    },
  });
  const accuracy = (metric: string): View =>
    curve({
      title: `Held out images, ${metric}`,
      field: "accuracy",
      y: accuracyAxis("Accuracy"),
      format: ".1%",
      values: rows.flatMap(({ run, epoch, metrics }) => {
        const accuracy = metrics[metric];
        return accuracy === undefined ? [] : [{ run, epoch, accuracy }];
      }),
    });
  return figure({
    title: "Training curves",
    subtitle: names.join(", "),
    views: [
      curve({
        title: "Loss",
        field: "loss",
        y: { title: "Outer loss (nats)", scale: { zero: false } },
        format: ".4~g",
        values: rows.map(({ run, epoch, loss }) => ({ run, epoch, loss })),
      }),
      curve({
        title: "Learning rate",
        field: "learningRate",
        y: { title: "Learning rate" },
        format: ".4~g",
        values: rows.map(({ run, epoch, learningRate }) => ({ run, epoch, learningRate })),
        mark: { interpolate: "step" },
      }),
      ...metrics.map(accuracy),
    ],
  });
}

interface Curve {
  readonly title: string;
  readonly field: string;
  readonly y: Json;
  readonly format: string;
  readonly values: readonly Json[];
  readonly mark?: Json;
}
