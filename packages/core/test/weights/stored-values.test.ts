import { assert, float, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { type StoredTensor } from "../../src/index";
import { toFloat32 } from "../../src/authoring";

const of = (dtype: "F16" | "BF16", ...bits: number[]): number[] =>
  Array.from(toFloat32({ dtype, shape: [bits.length], data: Uint16Array.from(bits) }));

describe("toFloat32", () => {
  test("reads half floats: the examples of IEEE 754's binary16", () => {
    expect(of("F16", 0x3c00, 0xc000, 0x7bff, 0x0400, 0x03ff, 0x0001)).toEqual([
      1,
      -2,
      65504,
      2 ** -14,
      (1023 / 1024) * 2 ** -14,
      2 ** -24,
    ]);
    expect(of("F16", 0x3555)[0]).toBeCloseTo(1 / 3, 3);
    expect(of("F16", 0x0000, 0x8000)).toEqual([0, -0]);
    expect(of("F16", 0x7c00, 0xfc00)).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    expect(of("F16", 0x7e00)).toEqual([Number.NaN]);
  });

  test("reads bfloat16: the upper half of a float32", () => {
    expect(of("BF16", 0x3f80, 0xc000, 0x4049, 0x7f80)).toEqual([1, -2, 3.140625, Number.POSITIVE_INFINITY]);
    assert(
      property(float({ noNaN: true }), (value) => {
        const bits = new Uint32Array(Float32Array.of(value).buffer)[0] as number;
        const truncated = new Float32Array(Uint32Array.of(bits & 0xffff0000).buffer)[0];
        expect(of("BF16", bits >>> 16)).toEqual([truncated]);
      }),
    );
  });

  test("rounds doubles, converts integers and keeps float32 without a copy", () => {
    const stored: StoredTensor[] = [
      { dtype: "F64", shape: [2], data: Float64Array.of(0.1, -1) },
      { dtype: "I64", shape: [2], data: BigInt64Array.of(5n, -6n) },
      { dtype: "I32", shape: [1], data: Int32Array.of(-7) },
      { dtype: "I8", shape: [1], data: Int8Array.of(-8) },
      { dtype: "U8", shape: [1], data: Uint8Array.of(255) },
      { dtype: "BOOL", shape: [2], data: Uint8Array.of(0, 1) },
    ];
    expect(stored.map((tensor) => Array.from(toFloat32(tensor)))).toEqual([
      [Math.fround(0.1), -1],
      [5, -6],
      [-7],
      [-8],
      [255],
      [0, 1],
    ]);
    const data = Float32Array.of(1);
    expect(toFloat32({ dtype: "F32", shape: [1], data })).toBe(data);
  });
});
