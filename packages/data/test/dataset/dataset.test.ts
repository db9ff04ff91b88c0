import { random } from "@awp/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classCounts, type Dataset, dataset, split, subset } from "../../src";

function tiny(count: number): Dataset {
  return dataset({
    images: Uint8Array.from({ length: count * 2 }, (_, i) => i),
    labels: Uint8Array.from({ length: count }, (_, i) => i % 3),
    shape: [1, 2, 1],
    classNames: ["a", "b", "c"],
  });
}

describe("dataset", () => {
  test("has all rows and counts its classes", () => {
    const set = tiny(7);
    expect([...set.indices]).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect([...classCounts(set)]).toEqual([3, 2, 2]);
  });

  test.each<[string, Partial<Parameters<typeof dataset>[0]>, RegExp]>([
    ["a flat shape", { shape: [1, 2] as unknown as Dataset["shape"] }, /shape: got \[1, 2\]/],
    ["an empty axis", { shape: [0, 2, 1] }, /shape/],
    ["no examples", { labels: new Uint8Array(), images: new Uint8Array() }, /labels: got 0, want at least one/],
    ["pixels missing", { images: new Uint8Array(3) }, /images: got 3, want 4 values/],
    ["a label without a name", { labels: Uint8Array.of(0, 3) }, /labels: got 3, want classes from 0 to 2/],
    ["a negative label that is not -1", { labels: Int32Array.of(-2, 0) }, /labels: got -2, want .* or -1 for none/],
    ["floats beyond 1", { images: Float32Array.of(0, 1, 255, 0) }, /images: got 255, want values in \[0, 1\]/],
    ["NaN", { images: Float32Array.of(0, 1, Number.NaN, 0) }, /images: got NaN/],
  ])("refuses %s", (_, wrong, message) => {
    const right = { images: new Uint8Array(4), labels: Uint8Array.of(0, 1), shape: [1, 2, 1] as const };
    expect(() => dataset({ ...right, classNames: ["a", "b", "c"], ...wrong })).toThrow(message);
  });
});

describe("subset", () => {
  test("keeps the indices of the whole set, through several steps", () => {
    const odd = subset(tiny(10), [1, 3, 5, 7, 9]);
    expect([...odd.indices]).toEqual([1, 3, 5, 7, 9]);
    expect([...subset(odd, { start: 2 }).indices]).toEqual([5, 7, 9]);
    expect([...subset(odd, { end: 2 }).indices]).toEqual([1, 3]);
    expect([...subset(odd, [4, 0]).indices]).toEqual([9, 1]);
    expect([...classCounts(odd)]).toEqual([2, 2, 1]);
  });

  test("shares the pixels", () => {
    const set = tiny(4);
    expect(subset(set, [2]).images).toBe(set.images);
  });

  test.each([
    [[4], /positions: got 4, want integers from 0 to 3/],
    [[-1], /positions: got -1/],
    [[0.5], /positions: got 0.5/],
    [[], /positions: got "none"/],
    [{ start: 2, end: 2 }, /positions: got "none"/],
    [{ end: 5 }, /end: got 5, want an integer of at most 4/],
    [{ start: -1 }, /start: got -1/],
  ])("refuses %j", (positions, message) => {
    expect(() => subset(tiny(4), positions)).toThrow(message);
  });
});

describe("split", () => {
  test("gives parts that are disjoint, complete and in order, whatever the size", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(),
        (n, share, seed) => {
          const count = 1 + Math.floor(share * (n - 1.001));
          const { train, validation } = split(tiny(n), count, random(seed));
          expect(validation.indices).toHaveLength(count);
          expect([...train.indices, ...validation.indices].sort((a, b) => a - b)).toEqual([...tiny(n).indices]);
          for (const { indices } of [train, validation])
            expect([...indices]).toEqual([...indices].sort((a, b) => a - b));
        },
      ),
    );
  });

  test("takes a fraction, and depends on the random value alone", () => {
    const parts = split(tiny(50), 0.1, random(1));
    expect(parts.validation.indices).toHaveLength(5);
    expect(split(tiny(50), 5, random(1))).toEqual(parts);
    expect(split(tiny(50), 5, random(2)).validation.indices).not.toEqual(parts.validation.indices);
  });

  test.each([0, -1, 4, 1.5, Number.NaN, 0.01])("refuses %d of 4", (size) => {
    expect(() => split(tiny(4), size, random(0))).toThrow(/^size/);
  });
});
