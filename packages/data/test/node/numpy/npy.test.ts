import { describe, expect, test } from "vitest";
import { decodeNpy } from "../../../src/node/numpy/npy";
import type { NumpyArray } from "../../../src/node/numpy/numpy-array";
import { expectCutsRefused, expectDamageBorne } from "@awp/testing";
import { fail, fixture } from "../../fixtures/fixture";

const read = (bytes: Uint8Array): NumpyArray => decodeNpy(bytes, fail);
const counted = Int32Array.from({ length: 24 }, (_, i) => i);

test.each([
  ["u1", [2, 3], Uint8Array.of(0, 1, 2, 3, 4, 5)],
  ["i8", [2], BigInt64Array.of(-(2n ** 40n), 5n)],
  ["f4", [2, 1], Float32Array.of(0.5, -2)],
  ["fortran", [2, 3, 4], counted],
  ["big", [2, 3, 4], counted],
  ["vector", [3], Float32Array.of(0, 1, 2)],
  ["none", [0, 3], new Uint8Array()],
  ["scalar", [], Float64Array.of(0.75)],
  ["version-2", [3], Uint16Array.of(0, 1, 2)],
  ["version-3", [3], Uint16Array.of(0, 1, 2)],
] as const)("%s.npy has what NumPy saved", (name, shape, data) => {
  expect(read(fixture(`${name}.npy`))).toEqual({ shape, data });
});

/** A file with a header of one's own and that many bytes. */
function file(header: string, length: number): Uint8Array {
  const size = Buffer.from([header.length & 255, header.length >> 8]);
  return Buffer.concat([Buffer.from("\x93NUMPY\x01\0", "latin1"), size, Buffer.from(header), new Uint8Array(length)]);
}

test.each<[string, Uint8Array, string]>([
  ["objects, which are a pickle", fixture("objects.npy"), 'elements of type "|O", want one of b1, u1'],
  [
    "a shape that its bytes do not fill",
    file("{'descr': '|u1', 'fortran_order': False, 'shape': (3, 1000000000000), }", 4),
    "4 bytes for an array of u1 of shape [3, 1000000000000], want 3000000000000",
  ],
  [
    "a shape beyond all numbers",
    file(`{'descr': '|u1', 'fortran_order': False, 'shape': (${"9".repeat(400)},), }`, 4),
    "an array of shape [Infinity]",
  ],
  [
    "a record",
    file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", 4),
    "a .npy header that describes no plain array",
  ],
  ["a header that is code", file("__import__('os').system('id')", 0), "a .npy header that describes no plain array"],
  ["another file", Buffer.from("P5 2 2 255 and so on"), "not a .npy file"],
])("%s is refused", (_, bytes, message) => {
  expect(() => read(bytes)).toThrow(`file: ${message}`);
});

describe.each(["fortran", "version-2"])("%s.npy", (name) => {
  test("is refused where it is cut, and read or refused where bytes are wrong", async () => {
    await expectCutsRefused(fixture(`${name}.npy`), read);
    await expectDamageBorne(fixture(`${name}.npy`), read);
  });
});
