import { compile } from "vega-lite";
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
      for (const view of figure.concat) compile(view as Figure, { config, logger });
    }
    expect(said).toEqual([]);
  });

  test("is plain JSON", () => {
    expect(JSON.parse(JSON.stringify(figure))).toEqual(figure);
  });

  test("names what is on each axis", () => {
    for (const view of figure.concat) {
      const { layer, encoding } = view as { layer?: { encoding: object }[]; encoding?: object };
      const channels = { ...layer?.[0]?.encoding, ...encoding } as Record<
        string,
        { title?: string | null; field?: string }
      >;
      expect(channels["x"]?.title).toMatch(/\w|α/u);
      // Methods on an axis name themselves.
      if (channels["y"]?.field !== "method") expect(yTitle(view)).toMatch(/\w|β/u);
    }
  });
});

function yTitle(view: object): string | undefined {
  return /"y":\{[^}]*?"title":"([^"]+)"/.exec(JSON.stringify(view))?.[1];
}

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
