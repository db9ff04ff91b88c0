import { expect, test } from "vitest";
import { namesOf } from "../../src/runs/names";

const named = (...all: readonly Readonly<Record<string, string | number | null>>[]) =>
  namesOf(all.map((settings, i) => ({ settings, path: `runs/train-${i + 1}` })));

const awp = { method: "AT-AWP", gamma: 0.01, seed: 1, epochs: 20, "schedule.name": "piecewise" };

test("a training alone has its method's name", () => {
  expect(named({ method: "AT", gamma: null, seed: 1 }, awp)).toEqual(["AT", "AT-AWP"]);
});

test("trainings with one method are told apart by what differs, and the others are left as they are", () => {
  const at = { method: "AT", seed: 1 };
  expect(named(at, awp, { ...awp, gamma: 0.02 })).toEqual(["AT", "AT-AWP, γ = 0.01", "AT-AWP, γ = 0.02"]);
  expect(named(awp, { ...awp, seed: 2 }, { ...awp, gamma: 0.02 })).toEqual([
    "AT-AWP, γ = 0.01, seed 1",
    "AT-AWP, γ = 0.01, seed 2",
    "AT-AWP, γ = 0.02, seed 1",
  ]);
  expect(named(awp, { ...awp, "schedule.name": "cosine" })).toEqual([
    "AT-AWP, schedule.name = piecewise",
    "AT-AWP, schedule.name = cosine",
  ]);
});

test("a regulariser is named by the training that has it", () => {
  const at = { method: "AT", "regularization.labelSmoothing": 0 };
  const smoothed = { ...at, "regularization.labelSmoothing": 0.1 };
  expect(named(at, smoothed)).toEqual(["AT", "AT, label smoothing 0.1"]);
});

test("only one setting is named where one tells all apart, however many differ", () => {
  expect(named(awp, { ...awp, gamma: 0.02, seed: 2, epochs: 5 })).toEqual(["AT-AWP, γ = 0.01", "AT-AWP, γ = 0.02"]);
});

test("trainings that are the same have their folders behind them, those alone", () => {
  expect(named(awp, awp, { ...awp, epochs: 5 })).toEqual([
    "AT-AWP, epochs = 20, runs/train-1",
    "AT-AWP, epochs = 20, runs/train-2",
    "AT-AWP, epochs = 5",
  ]);
});
