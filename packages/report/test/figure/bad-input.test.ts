import { describe, expect, test } from "vitest";
import {
  accuracyByEpsilon,
  gammaAblation,
  gapAcrossMethods,
  gapAlongTraining,
  landscapeLines,
  landscapePlane,
  type RunFigures,
  trainingCurves,
} from "../../src/index";
import { samplePlane, sampleRun } from "../sample-runs";

const run = sampleRun("AT");
const bare: RunFigures = { name: "bare", settings: {}, epochs: [], accuracies: [], landscapes: [] };
const withoutCentre: RunFigures = {
  ...run,
  landscapes: run.landscapes.map((each) => ({ ...each, points: each.points.filter(({ at }) => at[0] !== 0) })),
};

describe("a figure without its data names what is missing", () => {
  test.each([
    ["no runs", () => trainingCurves([]), "runs: got 0, want at least 1"],
    ["two of one name", () => trainingCurves([run, run]), 'name of a run: got "AT", want a name of its own'],
    ["no epochs", () => trainingCurves([run, bare]), "epochs of bare: got 0"],
    ["no split at all", () => gapAlongTraining(bare), "epochs with landscapes of both splits of bare: got 0"],
    ["no accuracies", () => accuracyByEpsilon([bare]), "accuracies under an attack on split test of bare: got 0"],
    ["no landscapes", () => landscapeLines([bare]), "one-dimensional landscapes: got 0"],
    ["no landscape of one", () => gapAcrossMethods([run, bare]), "landscapes of split train of bare: got 0"],
    [
      "no robust accuracy",
      () => gapAcrossMethods([{ ...withoutCentre, accuracies: [] }]),
      'robust accuracy of AT: got "none"',
    ],
    ["no centre", () => landscapeLines([withoutCentre], { relative: true }), "landscape of AT after epoch 12"],
    ["a line for a plane", () => landscapePlane(run.landscapes[0]!), "directions of the landscape: got 1, want 2"],
    [
      "no such images",
      () => landscapePlane(samplePlane(), { kind: "pregenerated" }),
      "with pregenerated images: got 0",
    ],
    ["a negative gamma", () => gammaAblation([run], () => -1), "gamma of AT: got -1"],
    ["one gamma twice", () => gammaAblation([run, sampleRun("B")], () => 0.1), "gamma of B: got 0.1"],
  ])("%s", (_name, draw, message) => {
    expect(draw).toThrow(message);
    expect(draw).toThrow(expect.objectContaining({ name: "ArgumentError" }));
  });
});
