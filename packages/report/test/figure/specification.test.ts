import * as vegaLite from "vega-lite";
import { describe, expect, test } from "vitest";
import {
  accuracyByEpsilon,
  type Figure,
  gammaAblation,
  gapAcrossMethods,
  gapAlongTraining,
  landscapeLines,
  landscapePlane,
  perturbationComparison,
  themes,
  trainingCurves,
} from "../../src/index";
import { samplePlane, sampleRun } from "../sample-runs";

/** Vega-lite takes the figures as they are; only its types are stricter than plain JSON. */
const compile = (figure: object, options?: Parameters<typeof vegaLite.compile>[1]) =>
  vegaLite.compile(figure as vegaLite.TopLevelSpec, options);

const runs = [sampleRun("AT"), sampleRun("AT-AWP", { gamma: 0.005 })];
const [run] = runs as [(typeof runs)[0]];

const figures: readonly (readonly [string, Figure])[] = [
  ["training curves", trainingCurves(runs)],
  ["gap along training", gapAlongTraining(run)],
  ["gap across methods", gapAcrossMethods(runs)],
  ["gamma ablation", gammaAblation(runs, ({ settings }) => Number(settings["gamma"]))],
  ["perturbation comparison", perturbationComparison(runs)],
  ["accuracy by epsilon", accuracyByEpsilon(runs)],
  ["landscape lines", landscapeLines(runs)],
  ["shapes of landscapes", landscapeLines(runs, { relative: true, measure: "accuracy", epochs: "all" })],
  ["landscape plane", landscapePlane(samplePlane())],
];

describe.each(figures)("the specification of %s", (_name, figure) => {
  test("compiles without a warning, whole and view by view, in both themes", () => {
    const said: string[] = [];
    const logger = listener(said);
    for (const config of Object.values(themes)) {
      compile(figure, { config, logger });
      for (const view of figure.concat) compile(view, { config, logger });
    }
    expect(said).toEqual([]);
  });

  test("is plain JSON", () => {
    expect(JSON.parse(JSON.stringify(figure))).toEqual(figure);
  });

  test("names what is on each axis, but for methods, which name themselves", () => {
    for (const view of figure.concat) {
      const { axes = [] } = compile(view).spec;
      for (const scale of ["x", "y"]) {
        const titles = axes.flatMap((axis) => (axis.scale === scale && "title" in axis ? [axis.title] : []));
        const named = JSON.stringify(view).includes('"y":{"field":"method"') && scale === "y";
        expect(titles.length, `${scale} of ${JSON.stringify(view["title"])}`).toBe(named ? 0 : 1);
        expect(titles[0] ?? "method").toMatch(/\w|[αβγε]/u);
      }
    }
  });
});

/** A logger that keeps what it is told. */
function listener(said: string[]) {
  const told = (...words: unknown[]) => {
    said.push(words.join(" "));
    return logger;
  };
  const level = (() => 0) as () => number;
  const logger = { level, warn: told, error: told, info: () => logger, debug: () => logger } as never as {
    level: never;
    warn: typeof told;
    error: typeof told;
    info: typeof told;
    debug: typeof told;
  };
  return logger;
}
