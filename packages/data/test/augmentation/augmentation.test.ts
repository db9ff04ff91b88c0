import { type Random, random } from "@awp/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Augmentation, compose, cutout, flip, type ImageShape, padCrop, type Pixels, rotation } from "../../src";

const shapes = fc.tuple(fc.integer({ min: 4, max: 9 }), fc.integer({ min: 4, max: 9 }), fc.integer({ min: 1, max: 3 }));

/** An image whose pixels all differ and none of which is 0. */
function counted([height, width, channels]: ImageShape): Float32Array {
  return Float32Array.from({ length: height * width * channels }, (_, i) => i + 1);
}

/** What an augmentation makes of `image`, over many random values. */
function outcomes(augment: Augmentation, image: Pixels, shape: ImageShape, draws = 400): Set<string> {
  return new Set(Array.from({ length: draws }, (_, draw) => augment(image, shape, random(draw)).join(" ")));
}

describe.each<[string, Augmentation]>([
  ["padCrop", padCrop({ padding: 3 })],
  ["padCrop, reflecting", padCrop({ padding: 3, mode: "reflect" })],
  ["flip", flip()],
  ["cutout", cutout({ size: 3 })],
  ["rotation", rotation({ degrees: 90 })],
  ["compose", compose(padCrop({ padding: 2 }), flip(), cutout({ size: 2 }))],
])("%s", (_, augment) => {
  test("leaves its input alone, keeps kind and length, repeats itself, invents no value", () => {
    fc.assert(
      fc.property(shapes, fc.nat(), (shape, seed) => {
        for (const image of [counted(shape), Uint8Array.from(counted(shape))]) {
          const before = image.slice();
          const changed = augment(image, shape, random(seed));
          expect(image).toEqual(before);
          expect(changed).not.toBe(image);
          expect(changed.constructor).toBe(image.constructor);
          expect(changed).toHaveLength(image.length);
          expect(augment(image, shape, random(seed))).toEqual(changed);
          const known = new Set([0, ...image]);
          expect([...changed].every((value) => known.has(value))).toBe(true);
        }
      }),
    );
  });

  test("keeps channels together", () => {
    fc.assert(
      fc.property(shapes, fc.nat(), ([height, width, channels], seed) => {
        const gray = Float32Array.from({ length: height * width * channels }, (_, i) => 1 + Math.floor(i / channels));
        const changed = augment(gray, [height, width, channels], random(seed));
        changed.forEach((value, i) => expect(value).toBe(changed[i - (i % channels)]));
      }),
    );
  });
});

describe("padCrop", () => {
  test("reflects without repeating the border, as numpy.pad does", () => {
    // np.pad([[1, 2, 3], [4, 5, 6], [7, 8, 9]], 2, mode="reflect"), cropped to 3 × 3 at each of its 25 places
    const padded = [
      [9, 8, 7, 8, 9, 8, 7],
      [6, 5, 4, 5, 6, 5, 4],
      [3, 2, 1, 2, 3, 2, 1],
      [6, 5, 4, 5, 6, 5, 4],
      [9, 8, 7, 8, 9, 8, 7],
      [6, 5, 4, 5, 6, 5, 4],
      [3, 2, 1, 2, 3, 2, 1],
    ];
    expect(
      outcomes(padCrop({ padding: 2, mode: "reflect" }), Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), [3, 3, 1]),
    ).toEqual(crops(padded, 3));
  });

  test("pads with black", () => {
    const padded = [
      [0, 0, 0, 0],
      [0, 1, 2, 0],
      [0, 3, 4, 0],
      [0, 0, 0, 0],
    ];
    const found = outcomes(padCrop({ padding: 1 }), Float32Array.of(1, 2, 3, 4), [2, 2, 1]);
    expect(found).toEqual(crops(padded, 2));
  });

  test("makes all places equally likely", () => {
    const image = counted([3, 3, 1]);
    const counts = new Map<string, number>();
    for (let draw = 0; draw < 9000; draw++) {
      const key = padCrop({ padding: 1 })(image, [3, 3, 1], random(draw)).join(" ");
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(counts.size).toBe(9);
    expect(chiSquare).toBeLessThan(26.1); // 8 degrees of freedom, p = 0.001
  });

  test("without padding changes nothing", () => {
    expect(padCrop({ padding: 0 })(counted([2, 3, 1]), [2, 3, 1], random(0))).toEqual(counted([2, 3, 1]));
  });

  test("refuses what cannot be padded", () => {
    expect(() => padCrop({ padding: -1 })).toThrow(/padding: got -1/);
    expect(() => padCrop({ mode: "edge" as "zero" })).toThrow(/mode: got "edge"/);
    const reflect = padCrop({ padding: 3, mode: "reflect" });
    expect(() => reflect(counted([3, 9, 1]), [3, 9, 1], random(0))).toThrow(/padding: got 3, want less than .* 3 by 9/);
  });

  function crops(padded: readonly (readonly number[])[], size: number): Set<string> {
    const found = new Set<string>();
    for (let top = 0; top + size <= padded.length; top++) {
      for (let left = 0; left + size <= padded.length; left++) {
        const rows = padded.slice(top, top + size).map((row) => row.slice(left, left + size));
        found.add(rows.flat().join(" "));
      }
    }
    return found;
  }
});

test("flip mirrors left and right, or not", () => {
  const image = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
  expect(outcomes(flip(), image, [2, 3, 2])).toEqual(
    new Set(["1 2 3 4 5 6 7 8 9 10 11 12", "5 6 3 4 1 2 11 12 9 10 7 8"]),
  );
});

describe("cutout", () => {
  test("blackens one square inside the image, at any place", () => {
    const found = outcomes(
      cutout({ size: 2 }),
      Uint8Array.from({ length: 12 }, () => 1),
      [3, 4, 1],
    );
    expect(found).toEqual(
      new Set([
        "0 0 1 1 0 0 1 1 1 1 1 1",
        "1 0 0 1 1 0 0 1 1 1 1 1",
        "1 1 0 0 1 1 0 0 1 1 1 1",
        "1 1 1 1 0 0 1 1 0 0 1 1",
        "1 1 1 1 1 0 0 1 1 0 0 1",
        "1 1 1 1 1 1 0 0 1 1 0 0",
      ]),
    );
  });

  test("refuses a square larger than the image", () => {
    expect(() => cutout({ size: 0 })).toThrow(/size: got 0/);
    expect(() => cutout({ size: 4 })(counted([3, 4, 1]), [3, 4, 1], random(0))).toThrow(/size: got 4, want at most/);
  });
});

test("compose applies in order, each part with randomness of its own", () => {
  const seen: Random[] = [];
  const append = (digit: number): Augmentation => {
    return (image, _, own) => {
      seen.push(own);
      return image.map((value) => value * 10 + digit);
    };
  };
  expect([...compose(append(1), append(2), append(3))(Float32Array.of(0), [1, 1, 1], random(0))]).toEqual([123]);
  expect(new Set(seen.map(({ stream }) => stream.join())).size).toBe(3);
});
