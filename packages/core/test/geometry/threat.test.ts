import { describe, expect, test } from "vitest";
import { ArgumentError, type Norm, type ThreatModel } from "../../src/index";
import { requireThreatModel } from "../../src/authoring";

describe("requireThreatModel", () => {
  test.each<ThreatModel>([
    { norm: "linf", epsilon: 8 / 255 },
    { norm: "l2", epsilon: 0 },
    { norm: "l1", epsilon: 12, bounds: { low: -1, high: 1 } },
  ])("accepts %j", (threat) => {
    expect(() => requireThreatModel(threat)).not.toThrow();
  });

  test.each<[string, ThreatModel, string]>([
    ["an unknown norm", { norm: "L2" as Norm, epsilon: 1 }, "norm"],
    ["a missing norm", { epsilon: 1 } as unknown as ThreatModel, "norm"],
    ["a negative radius", { norm: "l2", epsilon: -0.1 }, "epsilon"],
    ["a radius that is not a number", { norm: "l2", epsilon: Number.NaN }, "epsilon"],
    ["an infinite radius", { norm: "l2", epsilon: Number.POSITIVE_INFINITY }, "epsilon"],
    ["a radius in text", { norm: "l2", epsilon: "0.5" as unknown as number }, "epsilon"],
    ["an empty box", { norm: "l2", epsilon: 1, bounds: { low: 1, high: 1 } }, "bounds"],
    ["a box the wrong way round", { norm: "l2", epsilon: 1, bounds: { low: 1, high: 0 } }, "bounds"],
    ["an infinite box", { norm: "l2", epsilon: 1, bounds: { low: 0, high: Number.POSITIVE_INFINITY } }, "bounds"],
  ])("refuses %s", (_, threat, argument) => {
    expect(() => requireThreatModel(threat)).toThrow(ArgumentError);
    expect(() => requireThreatModel(threat)).toThrow(argument);
  });
});
