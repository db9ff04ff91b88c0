import { type Batch, type Random, random } from "@awp/core";
import { hostUniform } from "@awp/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Augmentation,
  batchCount,
  batches,
  compose,
  type Dataset,
  dataset,
  disposeBatch,
  flip,
  padCrop,
  subset,
} from "../../src";

function bytes(count: number): Dataset {
  return dataset({
    images: Uint8Array.from(hostUniform(random(3), count * 48), (u) => u * 256),
    labels: Uint8Array.from({ length: count }, (_, i) => i % 4),
    shape: [4, 4, 3],
    classNames: ["a", "b", "c", "d"],
  });
}

interface HostBatch {
  readonly shape: readonly number[];
  readonly pixels: readonly number[];
  readonly labels: readonly number[];
  readonly indices: readonly number[];
}

function onHost(all: Iterable<Batch>): HostBatch[] {
  return Array.from(all, (batch) => {
    const { images, labels, indices } = batch;
    expect([images.dtype, labels.dtype]).toEqual(["float32", "int32"]);
    const host = {
      shape: images.shape,
      pixels: [...images.dataSync()],
      labels: [...labels.dataSync()],
      indices: [...indices],
    };
    disposeBatch(batch);
    return host;
  });
}

/** Pixels by index, whatever batch they came in. */
function byIndex(all: readonly HostBatch[]): Map<number, readonly number[]> {
  return new Map(
    all.flatMap(({ pixels, indices }) => indices.map((index, row) => [index, pixels.slice(row * 48, row * 48 + 48)])),
  );
}

const sizes = fc.record({
  count: fc.integer({ min: 1, max: 30 }),
  batchSize: fc.integer({ min: 1, max: 30 }),
  seed: fc.nat(),
});

describe("batches", () => {
  test("hold every index exactly once per epoch, the last batch short, in order without randomness", () => {
    fc.assert(
      fc.property(sizes, ({ count, batchSize, seed }) => {
        for (const order of [{}, { random: random(seed) }]) {
          const all = onHost(batches(bytes(count), { batchSize, ...order }));
          const indices = all.flatMap((batch) => batch.indices);
          expect(all).toHaveLength(batchCount(bytes(count), { batchSize }));
          expect(all.slice(0, -1).every((batch) => batch.indices.length === batchSize)).toBe(true);
          expect(all.at(-1)?.shape).toEqual([((count - 1) % batchSize) + 1, 4, 4, 3]);
          if (!("random" in order)) expect(indices).toEqual([...bytes(count).indices]);
          expect(indices.sort((a, b) => a - b)).toEqual([...bytes(count).indices]);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("leave out what does not fill a batch where dropLast says so", () => {
    const options = { batchSize: 4, dropLast: true };
    expect(onHost(batches(bytes(11), options)).map(({ indices }) => indices.length)).toEqual([4, 4]);
    expect(onHost(batches(bytes(12), options))).toHaveLength(3);
    expect(batchCount(bytes(11), options)).toBe(2);
    expect(() => batches(bytes(3), options)).toThrow(/batchSize: got 4, want at most 3, or dropLast: false/);
  });

  describe("of images and labels", () => {
    test("hold those of the indices: bytes divided by 255 in float32", () => {
      const set = subset(bytes(9), [8, 2, 5]);
      const [batch] = onHost(batches(set, { batchSize: 8 }));
      expect(batch?.indices).toEqual([8, 2, 5]);
      expect(batch?.labels).toEqual([0, 2, 1]);
      const pixels = [8, 2, 5].flatMap((row) => [...set.images.subarray(row * 48, row * 48 + 48)]);
      expect(batch?.pixels).toEqual(pixels.map((byte) => Math.fround(byte / 255)));
    });

    test("hold floats as they are", () => {
      const images = Float32Array.of(0, 0.25, 0.5, 1);
      const set = dataset({ images, labels: Int32Array.of(1, 0), shape: [1, 2, 1], classNames: ["a", "b"] });
      expect(onHost(batches(set, { batchSize: 2 }))[0]?.pixels).toEqual([0, 0.25, 0.5, 1]);
    });
  });

  describe("with randomness", () => {
    const augment = compose(padCrop({ padding: 2 }), flip());
    const epoch = (of: Random, batchSize = 4): HostBatch[] =>
      onHost(batches(bytes(20), { batchSize, random: of, augment }));

    test("are the same epoch for the same value, again and again, and another one for another", () => {
      const all = batches(bytes(20), { batchSize: 4, random: random(1), augment });
      expect(onHost(all)).toEqual(onHost(all));
      const [first, second] = [epoch(random(1).fold(0)), epoch(random(1).fold(1))];
      expect(second.flatMap(({ indices }) => indices)).not.toEqual(first.flatMap(({ indices }) => indices));
      expect(byIndex(second)).not.toEqual(byIndex(first));
    });

    test("augment an example whatever its batch and the rest of the data set", () => {
      const whole = byIndex(epoch(random(1), 4));
      expect(byIndex(epoch(random(1), 7))).toEqual(whole);
      const part = byIndex(
        onHost(batches(subset(bytes(20), { start: 5, end: 9 }), { batchSize: 3, random: random(1), augment })),
      );
      expect([...part.keys()].sort()).toEqual([5, 6, 7, 8]);
      for (const [index, pixels] of part) expect(pixels).toEqual(whole.get(index));
    });

    test("augment examples differently", () => {
      const streams = new Set<string>();
      const spy: Augmentation = (image, _, own) => {
        streams.add(hostUniform(own, 2).join());
        return image;
      };
      onHost(batches(bytes(20), { batchSize: 5, random: random(1), augment: spy }));
      expect(streams.size).toBe(20);
    });
  });

  test("allocate two tensors each, which disposeBatch frees", () => {
    const all = batches(bytes(5), { batchSize: 2 });
    expect(() => [...all]).toAllocate(6);
    expect(() => {
      for (const batch of all) disposeBatch(batch);
    }).toAllocate(0);
  });

  test.each([0, -1, 2.5, Number.NaN])("of %d examples are refused before any work", (batchSize) => {
    expect(() => batches(bytes(3), { batchSize })).toThrow(/batchSize: got .* want a positive integer/);
  });

  test("refuse augmentation without randomness", () => {
    expect(() => batches(bytes(3), { batchSize: 1, augment: flip() })).toThrow(/random: got undefined/);
  });
});
