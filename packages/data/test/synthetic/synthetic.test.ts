import { random } from "@awp/core";
import { describe, expect, test } from "vitest";
import { classCounts, type Dataset, type SyntheticOptions, synthetic } from "../../src";
import { fieldBasis, nodeCount, smoothField } from "../../src/synthetic/smooth-field";

const world: SyntheticOptions = { count: 40, size: 16, random: random(7) };

function image({ images, shape: [height, width, channels] }: Dataset, row: number): number[] {
  const length = height * width * channels;
  return [...images.subarray(row * length, (row + 1) * length)];
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const centred = (values: readonly number[]): number[] => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.map((value) => value - mean);
  };
  const dot = (u: readonly number[], v: readonly number[]): number =>
    u.reduce((sum, value, i) => sum + value * (v[i] as number), 0);
  const [u, v] = [centred(a), centred(b)];
  return dot(u, v) / Math.sqrt(dot(u, u) * dot(v, v));
}

describe("synthetic", () => {
  test("has the shape, the classes and the count that were asked for", () => {
    const set = synthetic({ ...world, count: 23, classes: 4, size: 12, channels: 1 });
    expect(set.shape).toEqual([12, 12, 1]);
    expect(set.images).toHaveLength(23 * 144);
    expect([...classCounts(set)]).toEqual([6, 6, 6, 5]);
    expect(set.classNames).toHaveLength(4);
    expect(synthetic({ ...world, count: 2 }).shape).toEqual([16, 16, 3]);
    expect(synthetic({ count: 1, random: random(0) }).shape).toEqual([32, 32, 3]);
  });

  test("image i is the same whatever the count, and no two images are alike", () => {
    const few = synthetic({ ...world, count: 11 });
    const many = synthetic(world);
    for (let row = 0; row < 11; row++) expect(image(few, row)).toEqual(image(many, row));
    expect(new Set(Array.from({ length: 40 }, (_, row) => image(many, row).join())).size).toBe(40);
  });

  test("train and test are disjoint draws from one world, another seed is another world", () => {
    const plain = { ...world, count: 200, size: 8, clutter: 0, noise: 0, distractor: 0, prototypes: 1, classes: 2 };
    const train = synthetic(plain);
    const unseen = synthetic({ ...plain, split: "test" });
    const elsewhere = synthetic({ ...plain, random: random(8) });
    expect(unseen.images).not.toEqual(train.images);
    // Without nuisances an image is a look at one of 9 places, mirrored or not: its best match tells where it is from.
    const likest = (row: number, set: Dataset, label: number): number =>
      Math.max(...Array.from({ length: 100 }, (_, i) => correlation(image(unseen, row), image(set, 2 * i + label))));
    for (const row of [0, 1, 2, 3]) {
      expect(likest(row, train, row % 2)).toBeGreaterThan(0.9);
      expect(likest(row, train, 1 - (row % 2))).toBeLessThan(0.7);
      expect(likest(row, elsewhere, row % 2)).toBeLessThan(0.7);
    }
  });

  test("the class survives a perturbation of 8 / 255 that shrinks every pixel's signal", () => {
    // The mean absolute signal of a look against the radius: |T| of unit variance averages about 0.8.
    const { images } = synthetic({ ...world, clutter: 0, noise: 0, distractor: 0 });
    const signal = Array.from(images, (byte) => Math.abs(byte / 255 - 0.5)).reduce((a, b) => a + b) / images.length;
    expect(signal).toBeGreaterThan(3 * (8 / 255));
  });

  test("spoils the share of training labels that was asked for, and no test label", () => {
    const noisy = { ...world, count: 2000, size: 4, labelNoise: 0.3 };
    const wrong = ({ labels }: Dataset): number => labels.filter((label, i) => label !== i % 10).length / 2000;
    expect(wrong(synthetic(noisy))).toBeCloseTo(0.3, 1);
    expect(wrong(synthetic({ ...noisy, split: "test" }))).toBe(0);
    expect(synthetic(noisy).images).toEqual(synthetic({ ...noisy, labelNoise: 0 }).images);
  });

  test.each<[Partial<SyntheticOptions>, RegExp]>([
    [{ count: 0 }, /count: got 0, want a positive integer/],
    [{ size: 1.5 }, /size: got 1.5/],
    [{ classes: 1 }, /classes: got 1, want from 2 to 256/],
    [{ signal: -1 }, /signal: got -1/],
    [{ noise: Number.NaN }, /noise: got NaN/],
    [{ labelNoise: 2 }, /labelNoise: got 2, want a share from 0 to 1/],
    [{ split: "val" as "test" }, /split: got "val"/],
  ])("refuses %j", (wrong, message) => {
    expect(() => synthetic({ ...world, ...wrong })).toThrow(message);
  });
});

test("a field's basis is stationary, up to the border", () => {
  // With a node at each pixel, cubic B-splines weigh 1, 4, 1 and so correlate with 8 / 18, 1 / 18 and 0 at distance 1, 2, 3.
  const { pixels, nodes, weights } = fieldBasis(6, 1);
  const row = (pixel: number): Float32Array => weights.subarray(pixel * nodes, (pixel + 1) * nodes);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let other = 0; other < pixels; other++) {
      const expected = [1, 8 / 18, 1 / 18][Math.abs(pixel - other)] ?? 0;
      const product = row(pixel).reduce((sum, weight, node) => sum + weight * (row(other)[node] as number), 0);
      expect(product).toBeCloseTo(expected, 6);
    }
  }
});

test("a smooth field has mean 0 and variance 1 at every pixel, and neighbours alike", () => {
  const basis = fieldBasis(9, 2.25);
  const draws = Array.from({ length: 3000 }, (_, draw) => {
    const uniforms = Float32Array.from({ length: nodeCount(basis, 1) }, (_, i) => hash(draw * 1009 + i));
    return smoothField(basis, uniforms, 1);
  });
  const moment = (power: (field: Float32Array) => number): number =>
    draws.reduce((sum, field) => sum + power(field), 0) / 3000;
  for (const pixel of [0, 8, 40, 44, 72, 80]) {
    const at = (field: Float32Array): number => field[pixel] as number;
    expect(Math.abs(moment(at))).toBeLessThan(0.08); // 4 standard errors
    expect(Math.abs(moment((field) => at(field) ** 2) - 1)).toBeLessThan(0.11);
  }
  expect(moment((field) => (field[40] as number) * (field[41] as number))).toBeGreaterThan(0.75);
  expect(Math.abs(moment((field) => (field[0] as number) * (field[80] as number)))).toBeLessThan(0.08);
});

/** Fractions that look random, from integers (Murmur's finalizer). */
function hash(n: number): number {
  let bits = Math.imul(n ^ (n >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
}
