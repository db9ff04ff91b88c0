import * as tf from "@tensorflow/tfjs-core";
import { assert, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { hostUniform, integers, random, uniform } from "../../src/index";
import { permutation, stepKey } from "../../src/authoring";

describe("hostUniform", () => {
  test("has the bits of uniform", () => {
    const root = random(6).fold(2);
    expect(hostUniform(root, 10)).toEqual(uniform(root, [10]).dataSync());
    const rows = root.forRows(Int32Array.of(5, 8));
    expect(hostUniform(rows, 10)).toEqual(uniform(rows, [2, 5]).dataSync());
  });

  test("refuses what the host would have to wait for, and counts that do not fit the rows", () => {
    expect(() => hostUniform(random(tf.tensor1d([0, 1], "int32")), 1)).toThrow("host");
    expect(() => hostUniform(random(0).forRows(tf.tensor1d([0], "int32")), 1)).toThrow("host");
    expect(() => hostUniform(random(0).forRows(Int32Array.of(1, 2)), 3)).toThrow("multiple");
    expect(() => hostUniform(random(0), -1)).toThrow("count");
  });
});

describe("permutation", () => {
  test("holds each index once, the same for the same value", () => {
    assert(
      property(integer({ min: 0, max: 300 }), integer({ min: 0 }), (n, seed) => {
        const order = permutation(random(seed), n);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
        expect(permutation(random(seed).forRows(Int32Array.of(1)), n)).toEqual(order);
      }),
    );
  });

  test("gives each of the six orders of three its share", () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 6000; seed++) {
      const order = permutation(random(seed), 3).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt(6000 * (5 / 36)));
  });

  test("refuses a negative size and a key on the device", () => {
    expect(() => permutation(random(0), -1)).toThrow("n:");
    expect(() => permutation(random(tf.tensor1d([0, 1], "int32")), 3)).toThrow("host");
  });
});

describe("stepKey", () => {
  test("is another key for every seed and stream, and none of their draws", () => {
    const values = Array.from({ length: 50 }, (_, seed) => random(seed)).flatMap((root) => [root, ...root.split(20)]);
    const keys = values.map((value) => stepKey(value));
    expect(new Set(keys.map((key) => key.join())).size).toBe(values.length);
    const draws = new Set(keys.map((key) => hostUniform(random(key), 2).join()));
    expect(draws.size).toBe(values.length);
    values.forEach((value) => expect(draws).not.toContain(hostUniform(value, 2).join()));
  });

  test("is not made of the words that are drawn", () => {
    const value = random(3).fold(1);
    // Over a range of 2^32 − 1 the word w gives w − 1, or 0 for 0.
    const [word] = integers(value, [1], -(2 ** 31), 2 ** 31 - 1).dataSync();
    expect((stepKey(value)[0] as number) >>> 0).not.toBe((word as number) + 2 ** 31 + 1);
  });

  test("does not depend on rows, and can go to the device", () => {
    const value = random(3).fold(1);
    const key = stepKey(value);
    expect(stepKey(value.forRows(Int32Array.of(1, 2)))).toEqual(key);
    const device = random(tf.tensor1d(key, "int32"));
    expect(uniform(device, [5]).dataSync()).toEqual(hostUniform(random(key), 5));
    expect(() => stepKey(device)).toThrow("host");
  });
});
