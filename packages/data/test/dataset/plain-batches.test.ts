import { type Batch, hostUniform, random, type Random, useBackend } from "@awp/core";
import { permutation } from "@awp/core/authoring";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import {
  type Augmentation,
  batches,
  compose,
  cutout,
  type Dataset,
  dataset,
  disposeBatch,
  flip,
  mixedBatches,
  padCrop,
  rotation,
} from "../../src";

/*
 * What batches hold, bit for bit, by a loop that takes the definitions at their word: an image is padded to a larger one and
 * looked up pixel by pixel, and each value is a byte divided by 255 in double precision and rounded once.
 */

type Look = (row: number, column: number, channel: number) => number;

/** Wants width as well as height, so that a mistaken one shows. */
const shapes = fc.tuple(fc.integer({ min: 5, max: 9 }), fc.integer({ min: 5, max: 9 }), fc.integer({ min: 1, max: 4 }));
const given = fc.record({
  shape: shapes,
  count: fc.integer({ min: 1, max: 9 }),
  batchSize: fc.integer({ min: 1, max: 5 }),
  seed: fc.nat(),
  padding: fc.integer({ min: 0, max: 4 }),
  mode: fc.constantFrom("zero" as const, "reflect" as const),
  bytes: fc.boolean(),
});

function images(shape: readonly [number, number, number], count: number, bytes: boolean): Dataset {
  const size = shape[0] * shape[1] * shape[2];
  const values = hostUniform(random(5), count * size);
  return dataset({
    images: bytes ? Uint8Array.from(values, (u) => u * 256) : values,
    labels: Uint8Array.from({ length: count }, (_, i) => i % 3),
    shape,
    classNames: ["a", "b", "c"],
  });
}

function croppedPlainly(look: Look, height: number, width: number, padding: number, mode: string, own: Random): Look {
  const [down = 0, right = 0] = hostUniform(own, 2);
  const top = Math.floor(down * (2 * padding + 1));
  const left = Math.floor(right * (2 * padding + 1));
  const beyond = (place: number, length: number) => place < 0 || place >= length;
  const mirrored = (place: number, length: number) =>
    place < 0 ? -place : place >= length ? 2 * (length - 1) - place : place;
  const padded: Look = (row, column, channel) => {
    const [y, x] = [row - padding, column - padding];
    if (mode === "reflect") return look(mirrored(y, height), mirrored(x, width), channel);
    return beyond(y, height) || beyond(x, width) ? 0 : look(y, x, channel);
  };
  return (row, column, channel) => padded(row + top, column + left, channel);
}

function flippedPlainly(look: Look, width: number, own: Random): Look {
  const [choice = 0] = hostUniform(own, 1);
  return choice < 0.5 ? look : (row, column, channel) => look(row, width - 1 - column, channel);
}

/** An example of a batch, cropped and then flipped by the randomness of its index. */
function plainly(
  { images: pixels, shape: [height, width, channels] }: Dataset,
  row: number,
  { own, padding, mode }: { readonly own: Random; readonly padding: number; readonly mode: string },
): number[] {
  const scale = pixels instanceof Uint8Array ? 255 : 1;
  const look: Look = (y, x, channel) => pixels[((row * height + y) * width + x) * channels + channel] as number;
  const cropped = croppedPlainly(look, height, width, padding, mode, own.fold(0));
  const changed = flippedPlainly(cropped, width, own.fold(1));
  const values: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < channels; channel++) values.push(Math.fround(changed(y, x, channel) / scale));
    }
  }
  return values;
}

const values = ({ images: x }: Batch): number[] => [...x.dataSync()];

describe.each(["cpu", "wasm"] as const)("batches on %s, which keeps or copies what a tensor is made of", (backend) => {
  afterAll(() => useBackend("cpu"));

  test("hold what a plain loop gives, bit for bit, however long they are kept", async () => {
    await useBackend(backend);
    fc.assert(
      fc.property(given, ({ shape, count, batchSize, seed, mode, bytes, ...drawn }) => {
        const padding = mode === "zero" ? 3 * drawn.padding : drawn.padding; // black may be wider than the image
        const set = images(shape, count, bytes);
        const augment = compose(padCrop({ padding, mode }), flip());
        const kept = [...batches(set, { batchSize, random: random(seed), augment })];
        const order = [...permutation(random(seed).fold(0), count)];
        expect(kept.flatMap(({ indices }) => [...indices])).toEqual(order);
        const wanted = order.flatMap((index) => {
          const own = random(seed).fold(1).forRows(Int32Array.of(index));
          return plainly(set, index, { own, padding, mode });
        });
        expect(kept.flatMap(values)).toEqual(wanted);
        kept.forEach(disposeBatch);
      }),
      { numRuns: 60 },
    );
  });

  test("of two sets too", async () => {
    await useBackend(backend);
    const [own, extra] = [images([5, 6, 3], 7, true), images([5, 6, 3], 4, false)];
    const augment = compose(padCrop({ padding: 2 }), flip());
    const kept = [...mixedBatches(own, extra, { batchSize: 4, fraction: 0.5, random: random(2), count: 5, augment })];
    const wanted = kept.flatMap(({ indices }) =>
      [...indices].flatMap((index) => {
        const key = random(2).fold(1).forRows(Int32Array.of(index));
        const [set, row] = index < 7 ? [own, index] : [extra, index - 7];
        return plainly(set, row, { own: key, padding: 2, mode: "zero" });
      }),
    );
    expect(kept.flatMap(values)).toEqual(wanted);
    kept.forEach(disposeBatch);
  });
});

test("an image of bytes may become one of floats: they are divided by 255 as well", () => {
  const half: Augmentation = (image) => Float32Array.from(image, (value) => value / 2);
  const [batch] = batches(images([5, 5, 1], 1, true), { batchSize: 1, random: random(0), augment: half });
  const { images: pixels } = images([5, 5, 1], 1, true);
  expect(values(batch as Batch)).toEqual([...pixels].map((byte) => Math.fround(byte / 2 / 255)));
  disposeBatch(batch as Batch);
});

test.each([
  ["padCrop", padCrop({ padding: 1 })],
  ["cutout", cutout({ size: 1 })],
  ["rotation", rotation({ degrees: 90 })],
])("%s leaves a Buffer, whose slice is a view, as it is", (_, augment) => {
  const image = Buffer.from([1, 2, 3, 4, 5, 6]);
  for (let seed = 0; seed < 20; seed++) augment(image, [2, 3, 1], random(seed));
  expect([...image]).toEqual([1, 2, 3, 4, 5, 6]);
});
