import { random } from "@awp/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Augmentation, type Dataset, dataset, disposeBatch, mixedBatches, subset } from "../../src";

const classNames = ["a", "b"];

/** Images of one pixel: bytes that count from 0 in the first set, floats above one half in the second, which has no labels. */
function own(count: number): Dataset {
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  return dataset({ images: Uint8Array.from(labels.keys()), labels, shape: [1, 1, 1], classNames });
}
function extra(count: number): Dataset {
  const images = Float32Array.from({ length: count }, (_, i) => 0.75 + i / (4 * count));
  return dataset({ images, labels: new Int32Array(count).fill(-1), shape: [1, 1, 1], classNames });
}

interface Row {
  readonly pixel: number;
  readonly label: number;
  readonly index: number;
}

function rows(...given: Parameters<typeof mixedBatches>): Row[][] {
  return Array.from(mixedBatches(...given), (batch) => {
    const [pixels, labels] = [batch.images.dataSync(), batch.labels.dataSync()];
    disposeBatch(batch);
    return Array.from(batch.indices, (index, row) => ({
      pixel: pixels[row] as number,
      label: labels[row] as number,
      index,
    }));
  });
}

const isOwn = ({ label }: Row): boolean => label >= 0;

describe("mixed batches", () => {
  const sizes = fc.record({
    count: fc.integer({ min: 1, max: 20 }),
    extraCount: fc.integer({ min: 1, max: 20 }),
    batchSize: fc.integer({ min: 1, max: 12 }),
    fraction: fc.double({ min: 0, max: 1, noNaN: true }),
    seed: fc.nat(),
  });

  test("are full, and have the fraction of the second set in each", () => {
    fc.assert(
      fc.property(sizes, ({ count, extraCount, batchSize, fraction, seed }) => {
        const all = rows(own(count), extra(extraCount), { batchSize, fraction, random: random(seed) });
        expect(all).toHaveLength(Math.ceil(count / batchSize));
        for (const batch of all) {
          expect(batch).toHaveLength(batchSize);
          expect(batch.filter((row) => !isOwn(row))).toHaveLength(Math.floor(fraction * batchSize));
        }
      }),
      { numRuns: 60 },
    );
  });

  test("have every example's own pixel, label and index", () => {
    const [first, second] = [own(30), extra(9)];
    for (const { pixel, label, index } of rows(first, second, {
      batchSize: 10,
      fraction: 0.4,
      random: random(1),
    }).flat()) {
      const ofExtra = index >= 30;
      expect(label).toBe(ofExtra ? -1 : index % 2);
      expect(pixel).toBe(ofExtra ? second.images[index - 30] : Math.fround(index / 255));
    }
  });

  test("take each example of the first set once before any comes again", () => {
    const options = { batchSize: 10, fraction: 0.5, random: random(3), count: 12 };
    const indices = rows(subset(own(20), { start: 5, end: 15 }), extra(4), options)
      .flatMap((batch) => batch.filter(isOwn))
      .map(({ index }) => index);
    const passes = [0, 1, 2, 3, 4, 5].map((pass) => indices.slice(pass * 10, pass * 10 + 10));
    for (const pass of passes) expect([...pass].sort((a, b) => a - b)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
    expect(passes[1]).not.toEqual(passes[0]);
  });

  test("draw from the second set with replacement, all of it equally", () => {
    const options = { batchSize: 100, fraction: 0.9, random: random(5), count: 100 };
    const counts = new Int32Array(10);
    for (const { index } of rows(own(10), extra(10), options).flatMap((batch) => batch.filter((row) => !isOwn(row)))) {
      counts[index - 10] = (counts[index - 10] as number) + 1;
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - 900) ** 2 / 900, 0);
    expect(chiSquare).toBeLessThan(27.9); // 9 degrees of freedom, p = 0.001
    expect(chiSquare).toBeGreaterThan(1.2); // p = 0.999: without replacement the counts would be equal
  });

  test("have the two sets in no order", () => {
    const options = { batchSize: 8, fraction: 0.5, random: random(7), count: 400 };
    const all = rows(own(16), extra(16), options);
    const perPlace = Array.from({ length: 8 }, (_, place) => all.filter((batch) => isOwn(batch[place] as Row)).length);
    for (const count of perPlace) expect(Math.abs(count - 200)).toBeLessThan(33); // 3.3 standard deviations
  });

  test("are the same each time for one value of randomness, and others for another", () => {
    const batches = mixedBatches(own(9), extra(9), { batchSize: 4, fraction: 0.5, random: random(1) });
    const indices = (all: typeof batches): Int32Array[] =>
      Array.from(all, (batch) => {
        disposeBatch(batch);
        return batch.indices;
      });
    expect(indices(batches)).toEqual(indices(batches));
    const other = mixedBatches(own(9), extra(9), { batchSize: 4, fraction: 0.5, random: random(2) });
    expect(indices(other)).not.toEqual(indices(batches));
  });

  test("augment each example by its index", () => {
    const seen = new Set<string>();
    const spy: Augmentation = (image, _, { rows: keys }) => {
      seen.add(String(keys));
      return image.slice();
    };
    const options = { batchSize: 10, fraction: 0.5, random: random(1), count: 30, augment: spy };
    expect(rows(own(5), extra(5), options)).toHaveLength(30);
    expect([...seen].map(Number).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("allocate two tensors each", () => {
    expect(() => [...mixedBatches(own(6), extra(2), { batchSize: 2, fraction: 0.5, random: random(0) })]).toAllocate(6);
  });

  test.each<[string, object, RegExp]>([
    ["a batch of none", { batchSize: 0 }, /batchSize: got 0/],
    ["a fraction above 1", { fraction: 1.5 }, /fraction: got 1\.5, want a number from 0 to 1/],
    ["no batches", { count: 0 }, /count: got 0/],
  ])("refuse %s", (_, wrong, message) => {
    const options = { batchSize: 2, fraction: 0.5, random: random(0), ...wrong };
    expect(() => mixedBatches(own(2), extra(2), options)).toThrow(message);
  });

  test("refuse sets of other shapes or classes", () => {
    const options = { batchSize: 2, fraction: 0.5, random: random(0) };
    const flat = { ...extra(2), shape: [1, 2, 1] as const };
    expect(() => mixedBatches(own(2), flat, options)).toThrow(/extra: got \[1, 2, 1\], want images of shape \[1,1,1\]/);
    const others = { ...extra(2), classNames: ["b", "a"] };
    expect(() => mixedBatches(own(2), others, options)).toThrow(
      /extra: got \["b", "a"\], want the classes of the first/,
    );
  });
});
