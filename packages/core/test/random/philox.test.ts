import { assert, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { highProduct, philox } from "../../src/random/philox";

const word = () => integer({ min: 0, max: 2 ** 32 - 1 });

describe("philox", () => {
  // Known answers of philox4x32-10 published with Random123.
  const ones = 0xffffffff;
  test.each([
    [[0, 0, 0, 0], [0, 0], "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
    [[ones, ones, ones, ones], [ones, ones], "408f276d 41c83b0e a20bc7c6 6d5451fd"],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], "d16cfe09 94fdcceb 5001e420 24126ea1"],
  ])("gives the published words for counter %j and key %j", (counter, key, words) => {
    const out = new Uint32Array(6);
    const [c0, c1, c2, c3] = counter as [number, number, number, number];
    const [k0, k1] = key as [number, number];
    philox(out, 1, c0, c1, c2, c3, k0, k1);
    expect(Array.from(out, (value) => value.toString(16).padStart(8, "0")).join(" ")).toBe(
      `00000000 ${words} 00000000`,
    );
  });
});

describe("highProduct", () => {
  test("is the upper half of the exact product", () => {
    assert(
      property(word(), word(), (a, b) => {
        expect(highProduct(a, b) >>> 0).toBe(Number((BigInt(a) * BigInt(b)) >> 32n));
      }),
    );
  });
});
