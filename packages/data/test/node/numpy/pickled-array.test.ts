import type { PickleDict } from "@awp/core/node";
import { expectCutsRefused, expectDamageBorne } from "@awp/testing";
import { describe, expect, test } from "vitest";
import { decodeNumpyPickle, pickledArray } from "../../../src/node/numpy/pickled-array";
import { fail, fixture } from "../../fixtures/fixture";

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

const read = (bytes: Uint8Array) => decodeNumpyPickle(bytes, fail);
const program = (text: string): Uint8Array => Buffer.from(text, "latin1");

test.each<[string, string, RegExp]>([
  ["a call of a name that is only named", "cnumpy\nndarray\n)R.", /refused a call of numpy\.ndarray/],
  ["a call of what a call made", "cnumpy\ndtype\nU\x02u1\x85R)R.", /refused a call of an object/],
  ["objects in an array", "cnumpy\ndtype\nU\x02O8\x85R.", /elements of type "O8"/],
  ["a name of numpy's that loads", "cnumpy\nload\n(S'x'\ntR.", /refused "numpy\.load"/],
  ["a tensor", "ctorch._utils\n_rebuild_tensor_v2\n.", /refused "torch\._utils\._rebuild_tensor_v2"/],
])("%s is refused", (_, text, message) => {
  expect(() => read(program(text))).toThrow(message);
});

test("a pickle cannot lie about an array", () => {
  const text = Buffer.from(fixture("arrays-2.pickle")).toString("latin1");
  const shape = text.replace("K\x02K\x03\x86", "K\x02K\x04\x86");
  expect(shape).not.toBe(text);
  expect(() => read(program(shape))).toThrow(/6 bytes for an array of u1 of shape \[2, 4\], want 8/);
});

describe.each(["arrays-0", "arrays-2", "arrays-5"])("%s.pickle", (name) => {
  test("is refused where it is cut, and read or refused where bytes are wrong", async () => {
    await expectCutsRefused(fixture(`${name}.pickle`), read);
    await expectDamageBorne(fixture(`${name}.pickle`), read);
  });
});
