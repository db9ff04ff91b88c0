import { type Batch, random } from "@awp/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { batches, compose, disposeBatch, flip, mixup, padCrop, sharded, synthetic } from "../../src";

const set = synthetic({ count: 23, random: random(1), size: 6, classes: 3 });
const augment = compose(padCrop({ padding: 1 }), flip());

/** Pixels, labels and indices of each batch. */
function onHost(all: Iterable<Batch>): number[][][] {
  return Array.from(all, (batch) => {
    const values = [batch.images.dataSync(), batch.labels.dataSync(), batch.indices].map((each) => [...each]);
    disposeBatch(batch);
    return values;
  });
}

/** What the shards have, one after the other, batch by batch. */
function joined(shards: number[][][][]): number[][][] {
  return shards[0]!.map((parts, at) => parts.map((_, part) => shards.flatMap((shard) => shard[at]![part]!)));
}

const ranks = (size: number) => Array.from({ length: size }, (_, rank) => ({ rank, size }));

describe("shards", () => {
  test("together are the batches of one process, augmentation too, whatever their number", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 5, max: 12 }), (size, batchSize) => {
        const options = { batchSize, random: random(7), augment, dropLast: true };
        const whole = onHost(batches(set, options));
        const shards = ranks(size).map((shard) => onHost(batches(set, { ...options, shard })));
        expect(joined(shards)).toEqual(whole);
        for (const [at, [, labels]] of whole.entries()) {
          const counts = shards.map((shard) => shard[at]![1]!.length);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
          expect(counts.reduce((sum, count) => sum + count)).toBe(labels!.length);
        }
      }),
      { numRuns: 20 },
    );
  });

  test("of batches that must be whole are cut from them", () => {
    const mixed = () => mixup(batches(set, { batchSize: 10, random: random(7) }), { classes: 3, random: random(7) });
    const shards = ranks(3).map((shard) => onHost(sharded(mixed(), shard)));
    expect(joined(shards)).toEqual(onHost(mixed()));
  });

  test("cut leave what they give and nothing else", () => {
    const whole = batches(set, { batchSize: 10, dropLast: true });
    expect(() => [...sharded(whole, { rank: 1, size: 2 })].map(({ images, labels }) => [images, labels])).toAllocate(4);
    const short = batches(set, { batchSize: 10 });
    expect(() => {
      expect(() => {
        for (const batch of sharded(short, { rank: 0, size: 4 })) disposeBatch(batch);
      }).toThrow("batches: got 3, want a row for each of 4 shards");
    }).toAllocate(0);
  });

  test("without a row for each are refused before any work, with what to do", () => {
    const shard = { rank: 0, size: 4 };
    const last = "batchSize: got 10, want another one, or dropLast: the last batch has 3 of 23 images, for 4 processes";
    expect(() => batches(set, { batchSize: 10, shard })).toThrow(last);
    expect(() => batches(set, { batchSize: 10, shard, dropLast: true })).not.toThrow();
    expect(() => batches(set, { batchSize: 3, shard })).toThrow(
      "batchSize: got 3, want at least 4, a row for each process",
    );
    expect(() => batches(set, { batchSize: 10, shard: { rank: 2, size: 2 } })).toThrow(
      "shard.rank: got 2, want below 2",
    );
    expect(() => sharded([], { rank: 0, size: 0 })).toThrow(expect.objectContaining({ argument: "shard.size" }));
  });
});
