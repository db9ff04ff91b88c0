import { type Classifier, random } from "@awp/core";
import { describe, expect, it } from "vitest";
import { apgd, type ApgdOptions, klObjective, targetedDlrObjective, towardsRank } from "../../src/index";
import { toyImages, toyLabels, toys } from "../toy-problem";

describe("APGD's cost", () => {
  it.each([
    ["a pass a step, one at the start, one on the clean images", { steps: 4 }, 6],
    ["as many times with samples, but for the clean images", { steps: 4, eotSteps: 3 }, 16],
    ["one more for each of the larger balls", { norm: "l1", steps: 5, largeEpsilons: true }, 9],
  ] as const)("is %s", (_name, options, passes) => {
    let calls = 0;
    const classifier: Classifier = (x) => {
      calls++;
      return toys.linear!()(x);
    };
    apgd({ norm: "linf", epsilon: 0.1, ...options })(classifier, toyImages(2), toyLabels(2), random(0));
    expect(calls).toBe(passes);
  });
});

describe("APGD's bad option", () => {
  it.each([
    ["norm", { norm: "l7" as never }],
    ["epsilon", { epsilon: -1 }],
    ["steps", { steps: 0 }],
    ["steps", { norm: "l1" as const, largeEpsilons: true, steps: 4 }],
    ["start", { start: "clean" as const, objective: klObjective() }],
    ["goal", { objective: targetedDlrObjective() }],
    ["goal", { objective: klObjective(), goal: towardsRank(2) }],
    ["start", { start: "uniform" as never }],
    ["eotSteps", { eotSteps: 0 }],
    ["largeEpsilons", { largeEpsilons: true }],
  ])("%s is an error: %j", (argument, options) => {
    expect(() => apgd({ norm: "linf", epsilon: 0.1, ...options })).toThrow(expect.objectContaining({ argument }));
  });

  it("a rank beyond the classes, or too few for the loss, is an error", () => {
    const start = (options: Partial<ApgdOptions>) => () =>
      apgd({ norm: "linf", epsilon: 0.1, ...options })(toys.linear!(), toyImages(2), toyLabels(2), random(0));
    expect(start({ goal: towardsRank(4) })).toThrow(/rank: got 4/);
    expect(start({ objective: targetedDlrObjective(), goal: towardsRank(2) })).toThrow(/4 classes/);
    const [classifier, x, y] = [toys.linear!(), toyImages(2), toyLabels(2)];
    const attack = apgd({ norm: "linf", epsilon: 0.1, objective: targetedDlrObjective(), goal: towardsRank(2) });
    expect(() => expect(() => attack(classifier, x, y, random(0))).toThrow()).toAllocate(0);
  });
});

it("APGD takes an option that is undefined for one that is left out", () => {
  const left = { norm: "linf", epsilon: 0.02 } as const;
  const names = ["steps", "objective", "goal", "start", "eotSteps", "largeEpsilons", "referenceFirstRise"];
  const given = { ...left, ...Object.fromEntries(names.map((name) => [name, undefined])) };
  const images = (options: ApgdOptions) => apgd(options)(toys.linear!(), toyImages(4), toyLabels(4), random(1));
  expect(images(given).dataSync()).toEqual(images(left).dataSync());
});
