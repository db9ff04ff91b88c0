import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { ArgumentError, hostUniform, type Random, random, uniform } from "../../src/index";

const draw = (value: Random): string => hostUniform(value, 4).join();

describe("random", () => {
  test("draws the same numbers for the same seed, others for every other", () => {
    const seeds = [0, 1, 2, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER];
    expect(new Set(seeds.map((seed) => draw(random(seed)))).size).toBe(seeds.length);
    for (const seed of seeds) expect(draw(random(seed))).toBe(draw(random(seed)));
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])("refuses the seed %d", (seed) => {
    expect(() => random(seed)).toThrow(ArgumentError);
  });

  test("refuses keys that are not two words", () => {
    expect(() => random(Int32Array.of(1, 2, 3))).toThrow("key");
    expect(() => random(tf.tensor1d([1, 2], "float32"))).toThrow("key");
    expect(() => random(tf.tensor1d([1], "int32"))).toThrow("key");
  });

  test("has the words of its seed for a key", () => {
    expect(draw(random([7, 1]))).toBe(draw(random(2 ** 32 + 7)));
  });
});

describe("fold", () => {
  test("leaves the value that it is called on alone", () => {
    const root = random(3);
    const before = draw(root);
    root.fold(1);
    expect(draw(root)).toBe(before);
  });

  test("gives one stream for each path: no two of 30,000 collide", () => {
    const root = random(0);
    const children = Array.from({ length: 10_000 }, (_, n) => root.fold(n));
    const negative = Array.from({ length: 1_000 }, (_, n) => root.fold(-n - 1));
    const far = Array.from({ length: 1_000 }, (_, n) => root.fold(2 ** 32 * (n + 1)));
    const grandchildren = children
      .slice(0, 100)
      .flatMap((child) => Array.from({ length: 100 }, (_, n) => child.fold(n)));
    const deep = Array.from({ length: 20 }, (_, a) => root.fold(a).fold(a)).flatMap((value) =>
      Array.from({ length: 20 }, (_, b) => value.fold(b)).flatMap((next) =>
        Array.from({ length: 20 }, (_, c) => next.fold(c)),
      ),
    );
    const all = [root, ...children, ...negative, ...far, ...grandchildren, ...deep];
    expect(new Set(all.map(({ stream }) => stream.join())).size).toBe(all.length);
  });

  test("mixes both words of the stream", () => {
    const at = (...stream: [number, number]): string => draw({ ...random(0), stream });
    expect(new Set([at(1, 1), at(1, 2), at(2, 1), at(2, 2)]).size).toBe(4);
  });

  test("depends on the order", () => {
    expect(draw(random(0).fold(1).fold(2))).not.toBe(draw(random(0).fold(2).fold(1)));
  });

  test("keeps the key and the rows", () => {
    const rows = Int32Array.of(4, 9);
    const folded = random(5).forRows(rows).fold(3);
    expect(folded.rows).toBe(rows);
    expect(folded.key).toEqual(random(5).key);
  });

  test("refuses what is not an integer", () => {
    expect(() => random(0).fold(0.5)).toThrow(ArgumentError);
    expect(() => random(0).fold(Number.NaN)).toThrow(ArgumentError);
  });
});

describe("split", () => {
  test("is the first folds", () => {
    const root = random(11);
    expect(root.split().map(draw)).toEqual([draw(root.fold(0)), draw(root.fold(1))]);
    expect(root.split(5)).toHaveLength(5);
    expect(() => root.split(-1)).toThrow("count");
  });
});

describe("forRows", () => {
  test("refuses rows that are not indices", () => {
    expect(() => random(0).forRows(Int32Array.of(0, -1))).toThrow(ArgumentError);
    expect(() => random(0).forRows(tf.tensor1d([0, 1], "float32"))).toThrow("rows");
  });

  test("makes a row's draw depend on its key, not on its place, its company or the number of rows", () => {
    const root = random(2).fold(8);
    const of = (...rows: number[]): number[][] =>
      uniform(root.forRows(Int32Array.from(rows)), [rows.length, 3, 7]).arraySync() as unknown as number[][];
    const [a, b, c] = of(10, 20, 30);
    expect(of(30, 10)).toEqual([c, a]);
    expect(of(20)).toEqual([b]);
    expect(a).not.toEqual(b);
  });

  test("gives no row what a draw without rows has", () => {
    const rows = Int32Array.from({ length: 1000 }, (_, row) => row);
    const first = uniform(random(0).forRows(rows), [1000, 1]).dataSync();
    expect(Array.from(first)).not.toContain(hostUniform(random(0), 1)[0]);
  });
});
