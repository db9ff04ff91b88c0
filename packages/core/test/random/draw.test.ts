import * as tf from "@tensorflow/tfjs-core";
import { assert, double, integer, property, tuple } from "fast-check";
import { describe, expect, test } from "vitest";
import { integersFromBits, normalFromBits, uniformFromBits } from "../../src/random/distribution";
import { integers, normal, type Random, random, uniform } from "../../src/index";

// Philox's known answer for counter and key zero: row key 0, element 0 to 3, seed 0.
const knownWords = [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8];
const knownRow = random(0).forRows(Int32Array.of(0));

const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
const average = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;

describe("uniform", () => {
  test("takes the upper 24 bits of the published words", () => {
    expect(values(uniform(knownRow, [1, 2, 2]))).toEqual(knownWords.map((word) => Math.floor(word / 256) / 2 ** 24));
  });

  test("continues into the next block after four elements", () => {
    const long = values(uniform(knownRow, [1, 11]));
    expect(long.slice(0, 4)).toEqual(values(uniform(knownRow, [1, 4])));
    expect(new Set(long).size).toBe(11);
  });

  test("fills [0, 1) evenly", () => {
    const drawn = values(uniform(random(1), [100_000]));
    const bins = Array.from({ length: 50 }, () => 0);
    for (const u of drawn) bins[Math.floor(u * 50)] = (bins[Math.floor(u * 50)] as number) + 1;
    const chiSquare = bins.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    expect(bins).toHaveLength(50);
    expect(chiSquare).toBeLessThan(85.4); // the 99.9 % quantile at 49 degrees of freedom
    expect(chiSquare).toBeGreaterThan(24); // the 0.1 % quantile
  });

  test("has uncorrelated neighbours, rows and folds", () => {
    const n = 50_000;
    const plain = values(uniform(random(1), [n], -1, 1));
    const pairs: [string, number[], number[]][] = [
      ["neighbours", plain.slice(1), plain.slice(0, -1)],
      ["folds", plain, values(uniform(random(1).fold(0), [n], -1, 1))],
      ["seeds", plain, values(uniform(random(2), [n], -1, 1))],
    ];
    const rows = values(uniform(random(1).forRows(Int32Array.of(5, 6)), [2, n], -1, 1));
    pairs.push(["rows", rows.slice(0, n), rows.slice(n)]);
    for (const [name, a, b] of pairs) {
      const correlation = average(b.map((value, i) => value * (a[i] as number))) * 3;
      expect(Math.abs(correlation), name).toBeLessThan(4 / Math.sqrt(n));
    }
  });

  test("stays in [low, high), at the ends of the bits too", () => {
    const bits = Uint32Array.of(0, 255, 256, 0x7fffffff, 0x80000000, 0xfffffeff, 0xffffffff);
    const float = () => double({ min: -1e6, max: 1e6, noNaN: true });
    assert(
      property(tuple(float(), float()), (ends) => {
        const [low = 0, high = 0] = ends.map(Math.fround).sort((a, b) => a - b);
        for (const value of uniformFromBits(bits, low, high)) {
          expect(value).toBeGreaterThanOrEqual(low);
          if (low < high) expect(value).toBeLessThan(high);
          else expect(value === low).toBe(true);
        }
      }),
    );
  });

  test("rounds to the float32 below high where the sum would reach it", () => {
    expect(uniformFromBits(Uint32Array.of(0xffffffff), 1, 2)[0]).toBe(2 - 2 ** -23);
    expect(uniformFromBits(Uint32Array.of(0xffffffff), -2, -1)[0]).toBeLessThan(-1);
    expect(uniformFromBits(Uint32Array.of(0xffffffff), -4096, 0)[0]).toBeLessThan(0);
  });

  test("draws from an empty interval, and nothing for an empty shape", () => {
    expect(values(uniform(random(0), [3], 0.25, 0.25))).toEqual([0.25, 0.25, 0.25]);
    expect(uniform(random(0), [0, 3]).shape).toEqual([0, 3]);
    expect(uniform(random(0).forRows(new Int32Array(0)), [0, 3]).shape).toEqual([0, 3]);
    expect(uniform(random(0), []).shape).toEqual([]);
  });

  test("refuses bad ends, shapes and row counts", () => {
    expect(() => uniform(random(0), [2], 1, 0)).toThrow("high");
    expect(() => uniform(random(0), [2], Number.NaN, 1)).toThrow("low");
    expect(() => uniform(random(0), [2], -3e38, 3e38)).toThrow("high");
    expect(() => uniform(random(0), [2.5])).toThrow("shape");
    expect(() => uniform(knownRow, [2, 4])).toThrow("one entry per row");
  });
});

describe("normal", () => {
  const n = 100_000;

  test("has the moments and quantiles of the normal distribution", () => {
    const drawn = values(normal(random(4), [n]));
    const power = (k: number): number => average(drawn.map((z) => z ** k));
    const error = 4 / Math.sqrt(n);
    expect(Math.abs(power(1))).toBeLessThan(error);
    expect(Math.abs(power(2) - 1)).toBeLessThan(error * Math.sqrt(2));
    expect(Math.abs(power(3))).toBeLessThan(error * Math.sqrt(15));
    expect(Math.abs(power(4) - 3)).toBeLessThan(error * Math.sqrt(96));
    for (const [sigma, share] of [
      [1, 0.682689],
      [2, 0.9545],
      [3, 0.9973],
    ] as const) {
      const inside = average(drawn.map((z) => (Math.abs(z) < sigma ? 1 : 0)));
      expect(Math.abs(inside - share)).toBeLessThan(error * Math.sqrt(share * (1 - share)));
    }
  });

  test("is finite at the ends of the bits", () => {
    const ends = Uint32Array.of(0, 0, 0, 0xffffffff, 0xffffffff, 0, 0xffffffff, 0xffffffff);
    const [largest, ...others] = normalFromBits(ends, 0, 1);
    expect(largest).toBeCloseTo(Math.sqrt(48 * Math.log(2)), 5);
    for (const value of others) expect(Math.abs(value)).toBeLessThanOrEqual(largest as number);
  });

  test("has independent neighbours", () => {
    const drawn = values(normal(random(4), [n]));
    const lag = average(drawn.slice(1).map((z, i) => z * (drawn[i] as number)));
    expect(Math.abs(lag)).toBeLessThan(4 / Math.sqrt(n));
  });

  test("scales and shifts", () => {
    const standard = values(normal(knownRow, [1, 5]));
    values(normal(knownRow, [1, 5], 3, 0.5)).forEach((value, i) => {
      expect(value).toBeCloseTo(3 + 0.5 * (standard[i] as number), 5);
    });
    expect(values(normal(knownRow, [1, 3], 2, 0))).toEqual([2, 2, 2]);
  });

  test("has rows of any length, odd ones too", () => {
    const root = random(9);
    const rows = normal(root.forRows(Int32Array.of(1, 2, 3)), [3, 5]).arraySync() as number[][];
    expect(normal(root.forRows(Int32Array.of(2)), [1, 5]).arraySync()).toEqual([rows[1]]);
    expect(new Set(rows.flat()).size).toBe(15);
  });

  test("refuses a negative or infinite spread", () => {
    expect(() => normal(random(0), [1], 0, -1)).toThrow("std");
    expect(() => normal(random(0), [1], Number.NaN)).toThrow("mean");
  });
});

describe("integers", () => {
  test("are ⌊word · range / 2^32⌋ of the published words", () => {
    expect(values(integers(knownRow, [1, 4], 10, 20))).toEqual(
      knownWords.map((word) => 10 + Number((BigInt(word) * 10n) >> 32n)),
    );
  });

  test("span all of int32 but its last value", () => {
    const [first, last] = integersFromBits(Uint32Array.of(0, 0xffffffff), -(2 ** 31), 2 ** 31 - 1);
    expect([first, last]).toEqual([-(2 ** 31), 2 ** 31 - 2]);
  });

  test("stay in [low, high) and reach both ends", () => {
    const int32 = () => integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    assert(
      property(int32(), int32(), (a, b) => {
        const [low, high] =
          a < b ? [a, b] : [b - 1, a + 1].map((end) => Math.min(Math.max(end, -(2 ** 31)), 2 ** 31 - 1));
        const [first, last] = integersFromBits(Uint32Array.of(0, 0xffffffff), low as number, high as number);
        expect(first).toBe(low);
        expect(last).toBe((high as number) - 1);
      }),
    );
  });

  test("are even over a small range", () => {
    const drawn = values(integers(random(3), [60_000], -3, 3));
    for (let value = -3; value < 3; value++) {
      const count = drawn.filter((n) => n === value).length;
      expect(Math.abs(count - 10_000)).toBeLessThan(4 * Math.sqrt(60_000 * (1 / 6) * (5 / 6)));
    }
  });

  test("are int32, and refuse an empty or fractional range", () => {
    expect(integers(random(0), [2], 0, 2).dtype).toBe("int32");
    expect(() => integers(random(0), [2], 2, 2)).toThrow("high");
    expect(() => integers(random(0), [2], 0, 1.5)).toThrow("high");
    expect(() => integers(random(0), [2], 0, 2 ** 31 + 1)).toThrow("high");
    expect(() => integers(random(0), [2], -(2 ** 31), 2 ** 31)).toThrow("high");
  });
});

describe("keys and rows as tensors", () => {
  const draws: [string, (random: Random) => tf.Tensor][] = [
    ["uniform", (value) => uniform(value, [2, 9], -1, 1)],
    ["normal", (value) => normal(value, [2, 9])],
    ["integers", (value) => integers(value, [2, 9], -100, 100)],
  ];

  test.each(draws)("give %s the same numbers as on the host", (_, of) => {
    const host = random([123, -456]).fold(7).forRows(Int32Array.of(3, 1));
    const device = random(tf.tensor1d([123, -456], "int32"))
      .fold(7)
      .forRows(tf.tensor1d([3, 1], "int32"));
    expect(values(of(device))).toEqual(values(of(host)));
  });

  test.each(draws)("leave only the result of %s", (_, of) => {
    const rows = Int32Array.of(3, 1);
    const device = random(tf.tensor1d([1, 2], "int32")).forRows(tf.tensor1d([3, 1], "int32"));
    expect(() => of(random(1).forRows(rows))).toAllocate(1);
    expect(() => of(device)).toAllocate(1);
    expect(() => expect(() => uniform(random(1).forRows(rows), [5])).toThrow("shape")).toAllocate(0);
  });

  test("can be drawn while a gradient is recorded", () => {
    const gradient = tf.grad((x: tf.Tensor) => tf.mul(x, uniform(random(0), [3])))(tf.ones([3]));
    expect(values(gradient)).toEqual(values(uniform(random(0), [3])));
  });
});
