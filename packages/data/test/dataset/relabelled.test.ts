import { random } from "@awp/core";
import { describe, expect, it } from "vitest";
import { classCounts, relabelled, subset, synthetic } from "../../src/index";

const set = synthetic({ count: 6, size: 4, classes: 3, random: random(0) });

describe("relabelled", () => {
  it("gives the labels by index, none to the others, and shares the pixels", () => {
    const changed = relabelled(set, { indices: [4, 0, 2], classes: [2, 1, -1] });
    expect([...changed.labels]).toEqual([1, -1, -1, -1, 2, -1]);
    expect(changed.images).toBe(set.images);
    expect([...classCounts(changed)]).toEqual([0, 1, 1]);
    expect(relabelled(set, { indices: set.indices, classes: set.labels }).labels).toEqual(Int32Array.from(set.labels));
  });

  it("refuses lists that do not fit, foreign indices and classes without a name", () => {
    expect(() => relabelled(set, { indices: [1, 2], classes: [0] })).toThrow("indices: got 2, want 1");
    expect(() => relabelled(subset(set, { end: 3 }), { indices: [5], classes: [0] })).toThrow("indices: got 5");
    expect(() => relabelled(set, { indices: [1], classes: [3] })).toThrow("classes: got 3, want classes from 0 to 2");
    expect(() => relabelled(set, { indices: [1], classes: [0.5] })).toThrow("classes: got 0.5");
  });
});
