import { random } from "@awp/core";
import { describe, expect, test } from "vitest";
import { rotation } from "../../src";
import { rotated } from "../../src/augmentation/rotation";
import { fixture, inflatedFixture } from "../fixtures/fixture";

/** make.py's image of 32 × 32 pixels, none of them black, and 11 angles at which Pillow turned it. */
const file = inflatedFixture("rotations");
const angles = new Float64Array(file.slice(0, 88).buffer);
const size = 1024;

function byte(row: number, column: number): number {
  return ((row * 37 + column * 11) % 255) + 1;
}

const image = Uint8Array.from({ length: size }, (_, i) => byte(Math.floor(i / 32), i % 32));

describe("rotated", () => {
  test.each([...angles].map((angle, i) => [angle, i]))("by %d degrees has Pillow's pixels", (angle, i) => {
    const turned = file.subarray(88 + i * size, 88 + (i + 1) * size);
    expect(rotated(image, [32, 32, 1], angle)).toEqual(turned);
  });

  test("has Pillow's pixels of an image that is wider than high", () => {
    const wide = Uint8Array.from({ length: 40 }, (_, i) => byte(Math.floor(i / 8), i % 8));
    expect(rotated(wide, [5, 8, 1], 12)).toEqual(fixture("rotation-wide"));
  });
});

describe("rotation", () => {
  test("draws the angle uniformly from both directions", () => {
    // A row of a tall image whose pixels tell their place: the shift at its end gives the angle away.
    const shape = [401, 401, 1] as const;
    const tall = new Float32Array(401 * 401);
    for (let column = 0; column < 401; column++) tall.fill(0.5, 200 * 401 + column, 200 * 401 + column + 1);
    const found = Array.from({ length: 300 }, (_, draw) => {
      const turned = rotation({ degrees: 10 })(tall, shape, random(draw));
      const row = Array.from({ length: 401 }, (_, at) => at).find((at) => (turned[at * 401 + 380] as number) > 0) ?? 0;
      return (Math.atan2(200 - row, 180) * 180) / Math.PI;
    });
    expect(Math.min(...found)).toBeGreaterThan(-10.5);
    expect(Math.max(...found)).toBeLessThan(10.5);
    const quarters = [0, 1, 2, 3].map((quarter) => found.filter((a) => Math.floor((a + 10) / 5) === quarter).length);
    const chiSquare = quarters.reduce((sum, count) => sum + (count - 75) ** 2 / 75, 0);
    expect(chiSquare).toBeLessThan(16.3); // 3 degrees of freedom, p = 0.001
  });

  test("by no degrees changes nothing", () => {
    expect(rotation({ degrees: 0 })(image, [32, 32, 1], random(0))).toEqual(image);
  });

  test.each([-1, 181, Number.NaN])("refuses %d degrees", (degrees) => {
    expect(() => rotation({ degrees })).toThrow(/degrees: got .*, want a number from 0 to 180/);
  });
});
