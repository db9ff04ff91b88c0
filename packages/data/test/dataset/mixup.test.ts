import { type Batch, random, type Random } from "@awp/core";
import { relativeDeviation } from "@awp/testing";
import { describe, expect, it } from "vitest";
import { batches, disposeBatch, mixup, synthetic } from "../../src/index";

const set = synthetic({ count: 40, size: 4, classes: 4, random: random(0) });
const plain = (): Iterable<Batch> => batches(set, { batchSize: 16, random: random(1) });
const mixedBy = (alpha: number, from: Random = random(1)): Iterable<Batch> =>
  mixup(plain(), { alpha, classes: 4, random: from });

interface Read {
  readonly images: Float32Array;
  readonly labels: ArrayLike<number>;
  readonly indices: Int32Array;
}

function read(source: Iterable<Batch>): Read[] {
  return Array.from(source, (batch) => {
    const { images, labels, indices } = batch;
    const values = { images: images.dataSync<"float32">().slice(), labels: labels.dataSync().slice(), indices };
    disposeBatch(batch);
    return values;
  });
}

/** The share of each row's first class; of rows whose classes are two. */
function sharesOf(rows: ArrayLike<number>): number[] {
  const found: number[] = [];
  for (let row = 0; row < rows.length; row += 4) {
    const own = Array.from({ length: 4 }, (_, k) => rows[row + k] as number).filter((share) => share > 0);
    expect(own.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
    if (own.length === 2) found.push(...own);
  }
  return found;
}

describe("mixup", () => {
  it("is no mixup at alpha 0, bit for bit: the same images, and labels that are one-hot", () => {
    const [own, given] = [read(mixedBy(0)), read(plain())];
    expect(own.map(({ images, indices }) => ({ images, indices }))).toEqual(
      given.map(({ images, indices }) => ({ images, indices })),
    );
    const oneHot = given.map(({ labels }) =>
      Array.from(labels).flatMap((y) => [0, 1, 2, 3].map((k) => Number(k === y))),
    );
    expect(own.map(({ labels }) => Array.from(labels))).toEqual(oneHot);
  });

  it("mixes images of a batch as it mixes their labels, by one share", () => {
    // Images that say what they are: each pixel of an example is its class.
    const classes = { ...set, images: new Float32Array(set.images.length), labels: new Int32Array(40) };
    for (let row = 0; row < 40; row++) {
      classes.labels[row] = row % 4;
      classes.images.fill((row % 4) / 4, row * 48, (row + 1) * 48);
    }
    const source = batches(classes, { batchSize: 16, random: random(1) });
    for (const { images, labels } of read(mixup(source, { classes: 4, random: random(5) }))) {
      const shares = sharesOf(labels);
      expect(Math.max(...shares) + Math.min(...shares)).toBeCloseTo(1, 6);
      expect(new Set(shares.map((share) => share.toFixed(5))).size).toBe(2);
      for (let row = 0; row < labels.length / 4; row++) {
        const expected = [0, 1, 2, 3].reduce((sum, k) => sum + (k / 4) * (labels[4 * row + k] as number), 0);
        expect(images[48 * row]).toBeCloseTo(expected, 6);
      }
    }
  });

  it("gives the same each time, keeps the indices, and differs by its random value", () => {
    const source = mixedBy(1);
    const once = read(source);
    expect(read(source)).toEqual(once);
    expect(once.map(({ indices }) => indices)).toEqual(read(plain()).map(({ indices }) => indices));
    expect(read(mixedBy(1, random(2)))).not.toEqual(once);
  });

  it.each([0.2, 1, 3])("draws its shares from the beta distribution of alpha %d: mean and variance", (alpha) => {
    const two = { ...set, labels: Int32Array.from({ length: 40 }, (_, row) => row % 4) };
    const shares: number[] = [];
    for (let seed = 0; seed < 300; seed++) {
      const source = batches(two, { batchSize: 8, random: random(1) });
      const [first] = read(mixup(source, { alpha, classes: 4, random: random(seed) }));
      shares.push(sharesOf(first!.labels)[0]!);
    }
    // The classes of a row are in their own order, so that of one share or the other: the distribution is symmetrical.
    const variance = shares.reduce((sum, share) => sum + (share - 0.5) ** 2, 0) / shares.length;
    const expected = 1 / (4 * (2 * alpha + 1));
    expect(relativeDeviation([variance], [expected])).toBeLessThan(0.2);
    expect(Math.abs(shares.reduce((sum, share) => sum + share, 0) / shares.length - 0.5)).toBeLessThan(0.07);
  });

  it("frees what it is made of, and leaves two tensors a batch", () => {
    expect(() => [...mixedBy(1)].flatMap(({ images, labels }) => [images, labels])).toAllocate(6);
    expect(() => {
      for (const batch of mixedBy(1)) {
        disposeBatch(batch);
        break;
      }
    }).toAllocate(0);
  });

  it("refuses an alpha and a number of classes that are none", () => {
    expect(() => mixedBy(-1)).toThrow("alpha: got -1");
    expect(() => mixup(plain(), { classes: 0, random: random(0) })).toThrow("classes: got 0");
  });
});
