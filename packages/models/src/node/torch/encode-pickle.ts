import type { StoredTensor } from "@awp/core";
import { elements } from "./elements";

/**
 * The pickle, of protocol 2, of an ordered dict of contiguous tensors, whose values are in the storages "0", "1", … in
 * the order of the entries.
 */
export function encodeStateDict(entries: ReadonlyMap<string, StoredTensor>): Uint8Array {
  const items = [...entries].flatMap(([name, entry], index) => [text(name), tensor(entry, String(index))]);
  return Buffer.concat([code("\x80\x02"), orderedDict, code("("), ...items, code("u.")]);
}

/** What follows are the pickle's opcodes, by their letters in Python's `pickletools`. */
const orderedDict = called(name("collections", "OrderedDict"), code(")"));

function tensor({ dtype, shape, data }: StoredTensor, key: string): Uint8Array {
  const { storage } = elements[dtype];
  const id = tuple([text("storage"), name("torch", storage), text(key), text("cpu"), integer(data.length)]);
  const sizes = tuple(shape.map(integer));
  const strides = tuple(shape.map((_, axis) => integer(shape.slice(axis + 1).reduce((step, size) => step * size, 1))));
  const noGradient = code("\x89");
  const stored = Buffer.concat([id, code("Q")]);
  return called(
    name("torch._utils", "_rebuild_tensor_v2"),
    tuple([stored, integer(0), sizes, strides, noGradient, orderedDict]),
  );
}

function called(callable: Uint8Array, args: Uint8Array): Uint8Array {
  return Buffer.concat([callable, args, code("R")]);
}

function tuple(items: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([code("("), ...items, code("t")]);
}

function name(module: string, attribute: string): Uint8Array {
  return code(`c${module}\n${attribute}\n`);
}

function text(value: string): Uint8Array {
  const bytes = Buffer.from(value, "utf8");
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([code("X"), length, bytes]);
}

/** A whole number, not negative. */
function integer(value: number): Uint8Array {
  if (value < 2 ** 8) return Buffer.from([0x4b, value]);
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  if (value < 2 ** 31) return Buffer.concat([code("J"), bytes.subarray(0, 4)]);
  return Buffer.concat([code("\x8a\x08"), bytes]);
}

function code(opcodes: string): Uint8Array {
  return Buffer.from(opcodes, "latin1");
}
