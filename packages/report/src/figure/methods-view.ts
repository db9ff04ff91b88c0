import { ArgumentError } from "@awp/core";
import { type LandscapeLine, landscapeLinesOf } from "../data/landscape-line";
import { type RobustAccuracies, robustAtEnd } from "../data/robust-accuracy";
import type { Json } from "../json";
import type { RunFigures } from "../run-figures";
import { accuracyAxis, named, namedTwice, shown } from "./encoding";
import { landscapeView } from "./landscape-view";
import type { View } from "./view";

/** What a run came to, by its name in the figure. */
export interface Outcome extends RobustAccuracies {
  readonly method: string;
}

/** What each run came to. @throws ArgumentError where one has no robust accuracy on both splits */
export function outcomes(runs: readonly RunFigures[]): readonly Outcome[] {
  return runs.map((run) => {
    const robust = robustAtEnd(run);
    if (robust !== undefined) return { method: run.name, ...robust };
    throw new ArgumentError(`robust accuracy of ${run.name}`, "none", "one on train and on test, under one attack");
  });
}

/** The landscapes of each run's last epoch. @throws ArgumentError where one has none of the split */
export function lastLines(runs: readonly RunFigures[], split: string): readonly LandscapeLine[] {
  return runs.flatMap((run) => {
    const lines = landscapeLinesOf(run).filter((line) => line.split === split);
    const last = lines.at(-1);
    if (last !== undefined) return lines.filter(({ epoch }) => epoch === last.epoch).slice(-1);
    throw new ArgumentError(
      `one-dimensional landscapes of split ${split} of ${run.name}`,
      0,
      "at least one, with adversarial images",
    );
  });
}

/** Methods one under the other, what is behind a comma in a line of its own. */
function methodAxis(methods: readonly string[]): Json {
  const axis = { labelExpr: "split(datum.label, ', ')", labelLimit: 240 };
  return { field: "method", type: "nominal", title: null, sort: null, scale: { domain: methods }, axis };
}

/** Pixels that the labels of methods need between two views. */
export function methodGutter(rows: readonly Outcome[]): number {
  const longest = Math.max(...rows.flatMap(({ method }) => method.split(", ")).map(({ length }) => length));
  return Math.max(90, 7 * longest + 20);
}

/** Robust accuracy by method, on training and on test images, and the distance between them. */
export function accuracyByMethod(rows: readonly Outcome[]): View {
  const methods = rows.map(({ method }) => method);
  const points = rows.flatMap(({ method, attack, ...of }) =>
    (["train", "test"] as const).map((split) => ({ method, attack, split, accuracy: of[split] })),
  );
  return {
    title: "Robust accuracy",
    layer: [
      {
        data: { values: rows.map(({ method, train, test }) => ({ method, accuracy: test, train })) },
        mark: { type: "rule", tooltip: false, aria: false },
        encoding: { y: methodAxis(methods), x: accuracyAxis("Robust accuracy"), x2: { field: "train" } },
      },
      {
        data: { values: points },
        mark: { type: "point", filled: true, opacity: 1, size: 90 },
        encoding: {
          y: methodAxis(methods),
          x: accuracyAxis("Robust accuracy"),
          color: named("method", "method", methods),
          shape: named("split", "images", ["test", "train"], "circle"),
          tooltip: [
            shown("method", "run"),
            shown("split", "images"),
            shown("accuracy", "robust accuracy", ".1%"),
            shown("attack", "attack"),
          ],
        },
      },
    ],
  };
}

/** The robust generalization gap by method, with its figure at the bar's end. */
export function gapByMethod(rows: readonly Outcome[]): View {
  const methods = rows.map(({ method }) => method);
  const gaps = rows.map(({ gap }) => gap);
  // Room for the figures at the bars' ends, however narrow the view.
  const domain = [1.2 * Math.min(0, ...gaps), 1.2 * Math.max(0, ...gaps)];
  const x = { field: "gap", type: "quantitative", title: "Gap (percentage points)", scale: { domain } };
  return {
    title: "Gap, train − test",
    data: { values: rows.map(({ method, gap, train, test, attack }) => ({ method, gap, train, test, attack })) },
    encoding: { y: methodAxis(methods), x },
    layer: [
      {
        mark: { type: "bar", height: { band: 0.45 } },
        encoding: {
          color: named("method", "method", methods),
          tooltip: [
            shown("method", "run"),
            shown("gap", "gap (points)", ".1f"),
            shown("train", "train", ".1%"),
            shown("test", "test", ".1%"),
            shown("attack", "attack"),
          ],
        },
      },
      {
        mark: {
          type: "text",
          align: { expr: "datum.gap < 0 ? 'right' : 'left'" },
          dx: { expr: "datum.gap < 0 ? -5 : 5" },
          aria: false,
        },
        encoding: { text: { field: "gap", type: "quantitative", format: ".1f" } },
      },
    ],
  };
}

/** The weight-loss landscapes of several runs' final networks. */
export function landscapesByMethod(lines: readonly LandscapeLine[], runs: readonly RunFigures[], split: string): View {
  const names = runs.map(({ name }) => name);
  return landscapeView({
    title: `Weight-loss landscape, ${split}`,
    lines,
    encoding: namedTwice("method", "method", names),
    rowOf: ({ run, epoch }) => ({ series: `${run}, epoch ${epoch}`, method: run }),
  });
}
