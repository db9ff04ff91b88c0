import { describe, expect, test } from "vitest";
import { decodePickle, type PickleDict, type PickleValue } from "../../src/node";
import { fail, pickle, read } from "../fixtures/pickle";

describe.each([0, 1, 2, 3, 4, 5])("a pickle of protocol %d", (protocol) => {
  const value = read(pickle(`plain-${protocol}.pickle`)) as PickleDict;

  test("has the values that Python gave it", () => {
    expect(value.get("none")).toBeNull();
    expect(value.get("flags")).toEqual([true, false]);
    const integers = [0, 255, 65535, -1, 2 ** 31, -(2 ** 40), 2n ** 70n, -(2n ** 200n)];
    expect(value.get("integers")).toEqual(integers);
    expect(value.get("floats")).toEqual([1.5, -0.25, Number.POSITIVE_INFINITY]);
    expect(value.get("text")).toBe("naïve \u2603 \u{1F40D}\\");
    expect(value.get("bytes")).toEqual(Uint8Array.from([0, 255, 97, 98, 99, 10, 39]));
    expect(value.get("empty")).toEqual(new Uint8Array());
    expect(value.get("tuples")).toEqual([[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]]);
    const ordered = value.get("ordered") as PickleDict;
    expect([...ordered]).toEqual([
      ["b", 1],
      ["a", [2]],
    ]);
    expect(value.get(7)).toEqual(new Map([["nested", new Map()]]));
  });

  test("keeps one list that is there twice one list", () => {
    const [first, second] = value.get("shared") as PickleValue[];
    expect(first).toEqual([1, 2]);
    expect(second).toBe(first);
  });
});

test("strings of Python 2 are bytes", () => {
  const [first, second, ...numbers] = read(pickle("old-strings.pickle")) as PickleValue[];
  expect(Buffer.from(first as Uint8Array).toString("latin1")).toBe("a'\0\n\\");
  expect(Buffer.from(second as Uint8Array).toString("latin1")).toBe("it's");
  expect(numbers).toEqual([true, 12, 34, 1.5]);
});

describe("an extended allow-list", () => {
  // torch._utils._rebuild_tensor_v2(persistent id ("storage", torch.FloatStorage, "0"), 0)
  const program =
    "\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000tQK\x00tR.";
  const bytes = Uint8Array.from(program, (letter) => letter.charCodeAt(0));

  test("reads what the reader of checkpoints will want", () => {
    const seen: PickleValue[] = [];
    const value = decodePickle(bytes, {
      names: new Map([
        ["torch._utils._rebuild_tensor_v2", (args: readonly PickleValue[]) => ["tensor", ...args]],
        ["torch.FloatStorage", null],
      ]),
      persistent: (id) => {
        seen.push(id);
        return "the storage";
      },
      fail,
    });
    expect(value).toEqual(["tensor", "the storage", 0]);
    expect(seen).toEqual([["storage", expect.objectContaining({ name: "torch.FloatStorage" }), "0"]]);
  });

  test("is needed for it, and for data outside the pickle", () => {
    expect(() => read(bytes)).toThrow(/refused "torch\._utils\._rebuild_tensor_v2"/);
    expect(() => read(Uint8Array.from(Buffer.from("K\x01Q.")))).toThrow(/refused a reference to data outside/);
    expect(() => read(Uint8Array.from(Buffer.from("Pname\n.")))).toThrow(/refused a reference to data outside/);
  });
});
