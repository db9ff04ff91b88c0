import { describe, expect, test } from "vitest";
import { decodeNumpyPickle, pickledArray } from "../../src/numpy/pickled-array";
import type { PickleDict } from "../../src/pickle/pickle-value";
import { fail, fixture } from "../fixtures/fixture";

const names = [0, 1, 2, 3, 4, 5].flatMap((protocol) => [`arrays-${protocol}`, `arrays-numpy1-${protocol}`]);

describe.each(names)("%s.pickle", (name) => {
  const dict = decodeNumpyPickle(fixture(`${name}.pickle`), fail) as PickleDict;
  const counted = Int32Array.from({ length: 24 }, (_, i) => i);

  test.each([
    ["u1", [2, 3], Uint8Array.of(0, 1, 2, 3, 4, 5)],
    ["i8", [2], BigInt64Array.of(-(2n ** 40n), 5n)],
    ["f4", [2, 1], Float32Array.of(0.5, -2)],
    ["fortran", [2, 3, 4], counted],
    ["big", [2, 3, 4], counted],
    ["none", [0, 3], new Uint8Array()],
    ["flag", [2], Uint8Array.of(1, 0)],
    ["i1", [1], Int8Array.of(-3)],
    ["f8", [], Float64Array.of(2.5)],
  ] as const)("has %s as NumPy made it", (key, shape, data) => {
    expect(pickledArray(dict.get(key))).toEqual({ shape, data });
  });

  test("has a number for a scalar", () => {
    expect(dict.get("scalar")).toBe(0.75);
  });
});
