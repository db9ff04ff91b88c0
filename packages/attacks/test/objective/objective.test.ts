import { type Logits, valueAndGradient } from "@awp/core";
import { finiteDifference, relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { crossEntropyObjective, klObjective, marginObjective, type Objective } from "../../src/index";

const logits = (): Logits => tf.tensor2d([2, 1, 0.5, -1, 0, 3, 1, 2], [2, 4]);
const references = (objective: Objective): tf.Tensor =>
  objective.against === "labels"
    ? tf.tensor1d([0, 2], "int32")
    : tf.tensor2d([0.5, 1.2, 0.3, -1, 0, 1, 1.5, 2.2], [2, 4]);

// In double precision; KL from the clean logits, which come first, to the logits: the other way round it is [0.3015, 0.6031].
const values = {
  "cross-entropy": [crossEntropyObjective(), [0.4951818981, 2.4401896986]],
  margin: [marginObjective(), [-1, 2]],
  kl: [klObjective(), [0.284153925, 0.5130904605]],
} as const;

describe.each(Object.entries(values))("%s", (_name, [objective, expected]) => {
  const value = (z: Logits): tf.Tensor1D => objective.value(z, references(objective) as never);

  it("has its known values", () => {
    expect(relativeDeviation(value(logits()), expected)).toBeLessThan(1e-6);
  });

  it("has the gradient of finite differences", () => {
    const { gradient } = valueAndGradient(value, logits());
    const expectedGradient = finiteDifference((z) => value(z as Logits), logits());
    expect(relativeDeviation(gradient, expectedGradient)).toBeLessThan(2e-3);
  });
});
