import { readFileSync } from "node:fs";
import { goldenPath } from "@awp/testing";
import {
  array,
  assert,
  constantFrom,
  dictionary,
  integer,
  property,
  record,
  string,
  tuple,
  uint8Array,
} from "fast-check";
import { describe, expect, test } from "vitest";
import { AwpError, decodeSafetensors, encodeSafetensors, type StoredTensor, type StoredType } from "../../src/index";
import { storedArrays } from "../../src/weights/safetensors";

const types = Object.keys(storedArrays) as StoredType[];

/** A tensor of the type whose bytes are a pattern, so that every bit must come back. */
function tensor(dtype: StoredType, shape: readonly number[], seed = 7): StoredTensor {
  const size = shape.reduce((product, axis) => product * axis, 1);
  const bytes = Uint8Array.from({ length: size * storedArrays[dtype].BYTES_PER_ELEMENT }, (_, i) => i * 31 + seed);
  return { dtype, shape, data: new storedArrays[dtype](bytes.buffer, 0, size) } as StoredTensor;
}

function file(header: unknown, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

describe("a safetensors round trip", () => {
  const shapes = () => array(integer({ min: 0, max: 4 }), { maxLength: 4 });
  const tensors = () => record({ dtype: constantFrom(...types), shape: shapes(), seed: integer({ min: 0, max: 255 }) });

  test("gives back every bit, name, shape and text", () => {
    assert(
      property(dictionary(string(), tensors()), dictionary(string(), string()), (described, metadata) => {
        const { __metadata__: _, ...named } = described;
        const entries = new Map(
          Object.entries(named).map(([name, { dtype, shape, seed }]) => [name, tensor(dtype, shape, seed)]),
        );
        const decoded = decodeSafetensors(encodeSafetensors(entries, metadata));
        expect(new Map([...decoded.entries].sort())).toEqual(new Map([...entries].sort()));
        expect(decoded.metadata).toEqual(metadata);
      }),
    );
  });

  test("keeps the order within an element size, wider elements first, each aligned", () => {
    const entries = new Map<string, StoredTensor>([
      ["flag", tensor("BOOL", [3])],
      ["b", tensor("F32", [5])],
      ["wide", tensor("I64", [1])],
      ["a", tensor("I32", [])],
      ["half", tensor("BF16", [3])],
    ]);
    const decoded = decodeSafetensors(encodeSafetensors(entries));
    expect([...decoded.entries.keys()]).toEqual(["wide", "b", "a", "half", "flag"]);
    for (const { data } of decoded.entries.values()) expect(data.byteOffset % data.BYTES_PER_ELEMENT).toBe(0);
  });

  test("does not depend on where the bytes lie in their buffer", () => {
    const bytes = encodeSafetensors(new Map([["w", tensor("F64", [2, 2])]]));
    for (let offset = 0; offset < 9; offset++) {
      const moved = new Uint8Array(offset + bytes.length).subarray(offset);
      moved.set(bytes);
      expect(decodeSafetensors(moved).entries.get("w")).toEqual(tensor("F64", [2, 2]));
    }
  });

  test("survives names that are special to JavaScript", () => {
    const names = ["__proto__", "constructor", "toString", "1", "0", 'quote"back\\slash', "ü\n"];
    const entries = new Map(names.map((name, i) => [name, tensor("U8", [2], i)]));
    expect(decodeSafetensors(encodeSafetensors(entries)).entries).toEqual(entries);
  });
});

describe("the bytes of safetensors", () => {
  test("are those of the format: length, header padded with spaces to 8, data", () => {
    const bytes = encodeSafetensors(new Map([["w", { dtype: "F32", shape: [1], data: Float32Array.of(1) }]]), {
      a: "b",
    });
    const header = '{"__metadata__":{"a":"b"},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
    expect(new DataView(bytes.buffer).getBigUint64(0, true)).toBe(80n);
    expect(new TextDecoder().decode(bytes.subarray(8, 88))).toBe(header.padEnd(80));
    expect([...bytes.subarray(88)]).toEqual([0, 0, 128, 63]);
  });

  test("are read from a file that PyTorch's side wrote", () => {
    const path = goldenPath("robust-wrn-10-1/weights.safetensors");
    const { entries } = decodeSafetensors(readFileSync(path), path);
    const shapes = Object.fromEntries([...entries].map(([name, { shape }]) => [name, shape]));
    expect(shapes["conv1.weight"]).toEqual([16, 3, 3, 3]);
    expect(shapes["fc.weight"]).toEqual([10, 64]);
    const parameters = [...entries].filter(([name]) => !/running_|num_batches/.test(name));
    expect(parameters.reduce((sum, [, { data }]) => sum + data.length, 0)).toBe(77_850);
    const again = decodeSafetensors(encodeSafetensors(entries));
    expect(new Map([...again.entries].sort())).toEqual(new Map([...entries].sort()));
  });
});

describe("encodeSafetensors refuses", () => {
  test.each<[string, string, unknown]>([
    ["data of another type", "w.data", { dtype: "F32", shape: [2], data: Float64Array.of(1, 2) }],
    ["too few values", "w.data", { dtype: "F32", shape: [2, 2], data: Float32Array.of(1) }],
    ["an unknown type", "w.dtype", { dtype: "F8", shape: [1], data: Uint8Array.of(1) }],
    ["a negative size", "w.shape", { dtype: "U8", shape: [-1], data: Uint8Array.of(1) }],
    ["a fraction", "w.shape", { dtype: "U8", shape: [0.5, 2], data: Uint8Array.of(1) }],
  ])("%s", (_, field, entry) => {
    expect(() => encodeSafetensors(new Map([["w", entry as StoredTensor]]))).toThrow(field);
  });

  test("the metadata's name for a tensor", () => {
    expect(() => encodeSafetensors(new Map([["__metadata__", tensor("U8", [1])]]))).toThrow("metadata");
  });
});

describe("decodeSafetensors", () => {
  const entry = (range: unknown, shape: unknown = [2], dtype: unknown = "U8") => ({
    dtype,
    shape,
    data_offsets: range,
  });
  const four = new Uint8Array(4);
  const whole = encodeSafetensors(new Map([["w", tensor("F32", [4])]]));
  const withLength = (length: bigint): Uint8Array => {
    const bytes = whole.slice();
    new DataView(bytes.buffer).setBigUint64(0, length, true);
    return bytes;
  };

  test.each<[string, Uint8Array, string]>([
    ["nothing", new Uint8Array(0), "0 bytes are too few"],
    ["a truncated length", whole.slice(0, 7), "7 bytes are too few"],
    ["a truncated header", whole.slice(0, 20), "truncated: a header of"],
    ["truncated data", whole.slice(0, -1), 'truncated: entry "w"'],
    ["bytes after the data", new Uint8Array([...whole, 0]), "1 bytes follow"],
    ["a length beyond the file", withLength(1000n), "truncated: a header of 1000"],
    ["a monstrous length", withLength(2n ** 64n - 1n), "is this a safetensors file?"],
    ["a header that is no JSON", file("{"), "not JSON"],
    ["a header that is no UTF-8", new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe]), "not JSON"],
    ["an empty header", file(""), "not JSON"],
    ["a header that is a list", file([]), "not a JSON object"],
    ["a header that is null", file("null"), "not a JSON object"],
    ["an entry that is a number", file({ w: 1 }), 'entry "w" is not described'],
    ["an unknown type", file({ w: entry([0, 2], [2], "F8_E4M3") }, four), 'entry "w" has dtype "F8_E4M3"'],
    ["a type from the prototype", file({ w: entry([0, 2], [2], "toString") }, four), 'entry "w" has dtype "toString"'],
    ["no type", file({ w: entry([0, 2], [2], null) }, four), 'entry "w" has dtype null'],
    ["a negative size", file({ w: entry([0, 2], [-2, -1]) }, four), 'entry "w" has shape [-2,-1]'],
    ["a fractional size", file({ w: entry([0, 2], [0.5, 4]) }, four), 'entry "w" has shape'],
    ["a shape in text", file({ w: entry([0, 2], "2") }, four), 'entry "w" has shape "2"'],
    ["a size beyond counting", file({ w: entry([0, 2], [2 ** 52, 2 ** 52]) }, four), 'entry "w" has 2 bytes, want'],
    ["no offsets", file({ w: entry(undefined) }, four), 'entry "w" has data_offsets'],
    ["three offsets", file({ w: entry([0, 1, 2]) }, four), 'entry "w" has data_offsets [0,1,2]'],
    ["negative offsets", file({ w: entry([-2, 0]) }, four), 'entry "w" has data_offsets'],
    ["offsets the wrong way round", file({ w: entry([2, 0]) }, four), 'entry "w" has -2 bytes'],
    ["too few bytes for the shape", file({ w: entry([0, 2], [4]) }, four), 'entry "w" has 2 bytes, want 4'],
    ["an overlap", file({ a: entry([0, 2]), b: entry([1, 3]) }, four), 'entry "b" begins at byte 1, inside'],
    ["two entries on the same bytes", file({ a: entry([0, 4], [4]), b: entry([0, 4], [4]) }, four), "inside the entry"],
    ["a hole", file({ a: entry([0, 1], [1]), b: entry([2, 4]) }, four), "bytes 1 to 2 belong to no entry"],
    ["a hole at the start", file({ a: entry([2, 4]) }, four), "bytes 0 to 2 belong to no entry"],
    ["metadata that is no text", file({ __metadata__: { a: 1 } }), "__metadata__"],
    ["metadata that is a list", file({ __metadata__: ["a"] }), "__metadata__"],
    [
      "a name twice",
      file(
        '{"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0077":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
      ),
      'names "w" twice',
    ],
    [
      "a field twice",
      file('{"w":{"dtype":"U8","dtype":"I8","shape":[0],"data_offsets":[0,0]}}'),
      'names "dtype" twice',
    ],
  ])("names the source and what is wrong: %s", (_, bytes, problem) => {
    expect(() => decodeSafetensors(bytes, "model.safetensors")).toThrow(AwpError);
    expect(() => decodeSafetensors(bytes, "model.safetensors")).toThrow(/^model\.safetensors: /);
    expect(() => decodeSafetensors(bytes, "model.safetensors")).toThrow(problem);
  });

  test("accepts empty files of the format, and offsets without alignment", () => {
    expect(decodeSafetensors(file({})).entries.size).toBe(0);
    const { entries } = decodeSafetensors(
      file({ flag: entry([0, 1], [1], "BOOL"), w: entry([1, 5], [1], "F32") }, Uint8Array.of(1, 0, 0, 128, 63)),
    );
    expect(entries.get("w")?.data).toEqual(Float32Array.of(1));
  });

  test("throws nothing but an AwpError, whatever the bytes", () => {
    const valid = encodeSafetensors(new Map(types.map((type) => [type, tensor(type, [2, 3])])), { a: "b" });
    const edit = () => tuple(integer({ min: 0, max: valid.length - 1 }), integer({ min: 0, max: 255 }));
    const attempt = (bytes: Uint8Array): void => {
      try {
        decodeSafetensors(bytes, "fuzz");
      } catch (error) {
        expect(AwpError.is(error), String(error)).toBe(true);
      }
    };
    assert(property(uint8Array({ maxLength: 300 }), attempt));
    assert(
      property(
        array(edit(), { minLength: 1, maxLength: 4 }),
        integer({ min: 0, max: valid.length }),
        (edits, length) => {
          const bytes = valid.slice();
          for (const [place, value] of edits) bytes[place] = value;
          attempt(bytes);
          attempt(bytes.subarray(0, length));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("refuses a very deep header", () => {
    const depth = 200_000;
    expect(() => decodeSafetensors(file("[".repeat(depth) + "]".repeat(depth)), "deep")).toThrow(AwpError);
    const nested = `{"w":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}}`;
    expect(() => decodeSafetensors(file(nested), "deep")).toThrow(AwpError);
  });
});

test.each([0, 1, 2, 3, 4, 5, 6, 7])(
  "an entry of a file read by Node is read wherever it begins, at %d of 8",
  (spaces) => {
    const header = JSON.stringify({ count: { dtype: "I64", shape: [], data_offsets: [0, 8] } });
    const bytes = file(header + " ".repeat(spaces), Uint8Array.from([7, 0, 0, 0, 0, 0, 0, 0]));
    const { entries } = decodeSafetensors(Buffer.from(bytes.buffer));
    expect(entries.get("count")?.data).toEqual(BigInt64Array.of(7n));
  },
);
