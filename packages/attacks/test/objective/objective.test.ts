import { type Logits, random, valueAndGradient } from "@awp/core";
import { finiteDifference, relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import {
  crossEntropyObjective,
  dlrObjective,
  klObjective,
  marginObjective,
  type Goal,
  type Objective,
  targetedDlrObjective,
  towardsClass,
  towardsRank,
} from "../../src/index";
import { untargeted } from "../../src/objective/goal";
import { resolve } from "../../src/objective/resolve";

const logits = (): Logits => tf.tensor2d([2, 1, 0.5, -1, 0, 3, 1, 2], [2, 4]);
const labels = (): tf.Tensor1D => tf.tensor1d([0, 2], "int32");
const targets = (): tf.Tensor1D => tf.tensor1d([1, 3], "int32");
const clean = (): Logits => tf.tensor2d([0.5, 1.2, 0.3, -1, 0, 1, 1.5, 2.2], [2, 4]);

function valueOf(objective: Objective, z: Logits): tf.Tensor1D {
  if (objective.against === "clean") return objective.value(z, clean());
  if (objective.against === "labels") return objective.value(z, labels());
  return objective.value(z, labels(), targets());
}

// In double precision; KL from the clean logits, which come first, to the logits: the other way round it is [0.3015, 0.6031].
const values = {
  "cross-entropy": [crossEntropyObjective(), [0.4951818981, 2.4401896986]],
  margin: [marginObjective(), [-1, 2]],
  // −(2 − 1) / (2 − 0.5) and −(1 − 3) / (3 − 1).
  dlr: [dlrObjective(), [-1 / 1.5, 1]],
  // −(2 − 1) / (2 − (0.5 − 1) / 2) and −(1 − 2) / (3 − (1 + 0) / 2).
  "targeted dlr": [targetedDlrObjective(), [-1 / 2.25, 1 / 2.5]],
  kl: [klObjective(), [0.284153925, 0.5130904605]],
} as const;

describe.each(Object.entries(values))("the objective %s", (_name, [objective, expected]) => {
  const value = (z: Logits): tf.Tensor1D => valueOf(objective, z);

  it("has its known values", () => {
    expect(relativeDeviation(value(logits()), expected)).toBeLessThan(1e-6);
  });

  it("has the gradient of finite differences", () => {
    const { gradient } = valueAndGradient(value, logits());
    const expectedGradient = finiteDifference((z) => value(z as Logits), logits());
    expect(relativeDeviation(gradient, expectedGradient)).toBeLessThan(2e-3);
  });
});

describe("an objective with a goal", () => {
  const z = logits;
  const problem = (classifier = (): Logits => z()) => ({
    classifier,
    x: tf.zeros<tf.Rank.R4>([2, 1, 1, 1]),
    y: labels(),
    random: random(0),
  });
  const values = (objective: Objective, goal: Goal): number[] => {
    const { reference, value } = resolve(objective, goal);
    return Array.from(value(z(), labels(), reference(problem())).dataSync());
  };

  it("is the objective itself for the labels when untargeted", () => {
    expect(values(marginObjective(), untargeted)).toEqual([-1, 2]);
  });

  it("is minus the objective for the targets when targeted", () => {
    // Of class 1, behind 2 by 1 in the first row, ahead by 1 in the second.
    expect(values(marginObjective(), towardsClass(1))).toEqual([-1, 1]);
  });

  it("compares both with labels and targets where the objective does", () => {
    const [first, second] = values(targetedDlrObjective(), towardsRank(2));
    expect(first).toBeCloseTo(-1 / 2.25, 6); // the second largest is class 1
    expect(second).toBeCloseTo(1 / 2.5, 6); // and class 3
  });

  it.each([
    ["no target for targeted DLR", () => resolve(targetedDlrObjective(), untargeted), 'goal: got "untargeted"'],
    ["a target for KL", () => resolve(klObjective(), towardsRank(2)), 'goal: got "targeted"'],
    ["rank 0", () => towardsRank(0), "rank: got 0"],
    ["a rank beyond the classes", () => values(marginObjective(), towardsRank(5)), "rank: got 5"],
  ])("is an error that names the field: %s", (_, make, message) => {
    expect(make).toThrow(message);
  });

  it("asks the classifier for the clean logits once at most, and not at all where the attack has them", () => {
    let passes = 0;
    const counting = problem(() => {
      passes++;
      return z();
    });
    resolve(marginObjective(), untargeted).reference(counting);
    expect(passes).toBe(0);
    resolve(marginObjective(), towardsRank(2)).reference(counting, z());
    expect(passes).toBe(0);
    resolve(klObjective(), untargeted).reference(counting);
    expect(passes).toBe(1);
  });
});
