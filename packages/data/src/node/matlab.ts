import { ByteCursor, type Fail, inflated, inflatedStart, latin1 } from "@awp/core/node";
import { type NumpyArray, numpyArray, numpyType } from "./numpy/numpy-array";

/** Types of elements, by the number that the format gives them. */
const matrix = 14;
const compressed = 15;
const numbers: Readonly<Record<number, string>> = {
  1: "i1",
  2: "u1",
  3: "i2",
  4: "u2",
  5: "i4",
  6: "u4",
  7: "f4",
  9: "f8",
  12: "i8",
  13: "u8",
};

/** Classes of arrays of numbers, from double to uint64; the others are cells, structures, text and sparse matrices. */
const numeric = { first: 6, last: 15 } as const;
const complexFlag = 0x08;

/**
 * The arrays of numbers of a MATLAB 5 file that `names` lists, in MATLAB's order: the first axis is the one whose
 * neighbours lie together.
 *
 * @see "MAT-File Format", The MathWorks
 * @throws what `fail` throws, if the file is no MATLAB 5 file, is damaged or lacks one of them
 */
export async function readMatlab(
  bytes: Uint8Array,
  names: readonly string[],
  fail: Fail,
): Promise<ReadonlyMap<string, NumpyArray>> {
  const little = isLittle(bytes, fail);
  const cursor = new ByteCursor(bytes, fail, { little });
  cursor.take(128);
  const found = new Map<string, NumpyArray>();
  while (cursor.remaining > 0) {
    const element = readElement(cursor);
    const content = element.type === compressed ? await inflatedMatrix(element.content, little, fail) : element;
    if (content.type !== matrix) fail(`damaged: an element of type ${content.type}, want an array`);
    readMatrix(new ByteCursor(content.content, fail, { little }), names, found);
  }
  const missing = names.find((name) => !found.has(name));
  if (missing !== undefined) fail(`has no array ${JSON.stringify(missing)}`);
  return found;
}

function isLittle(bytes: Uint8Array, fail: Fail): boolean {
  const order = bytes.length < 128 ? "" : latin1(bytes.subarray(126, 128));
  const version = order === "IM" ? bytes[125] : bytes[124];
  if (version === 2) fail("a MATLAB 7.3 file, which is HDF5; want MATLAB 5");
  if ((order !== "IM" && order !== "MI") || version !== 1) fail("not a MATLAB 5 file");
  return order === "IM";
}

interface Element {
  readonly type: number;
  readonly content: Uint8Array;
}

function readElement(cursor: ByteCursor): Element {
  const first = cursor.u32();
  const small = first >>> 16;
  if (small > 0) {
    if (small > 4) cursor.fail(`damaged: a small element of ${small} bytes`);
    return { type: first & 0xffff, content: cursor.take(4).subarray(0, small) };
  }
  const length = cursor.u32();
  const content = cursor.take(length);
  // Elements begin at multiples of 8 bytes, but for compressed ones; the last one may lack the padding.
  if (first !== compressed) cursor.take(Math.min(-length & 7, cursor.remaining));
  return { type: first, content };
}

/** The array in a compressed element: its own first bytes tell how long it is. */
async function inflatedMatrix(bytes: Uint8Array, little: boolean, fail: Fail): Promise<Element> {
  const tag = new ByteCursor(await inflatedStart(bytes, fail), fail, { little });
  const type = tag.u32();
  const size = 8 + tag.u32();
  const whole = await inflated(bytes, { size, wrapped: true }, fail);
  return { type, content: whole.subarray(8) };
}

/** Adds the array to `found`, where it is one of numbers that is wanted. */
function readMatrix(cursor: ByteCursor, names: readonly string[], found: Map<string, NumpyArray>): void {
  const { fail } = cursor;
  const little = cursor.little;
  const flags = new ByteCursor(readElement(cursor).content, fail, { little }).u32();
  const dimensions = readElement(cursor).content;
  const name = latin1(readElement(cursor).content.subarray(0, 64));
  if (!names.includes(name)) return;
  const kind = flags & 0xff;
  const plain = kind >= numeric.first && kind <= numeric.last && ((flags >>> 8) & complexFlag) === 0;
  if (!plain) fail(`${JSON.stringify(name)} is no array of real numbers`);
  if (found.has(name)) fail(`has two arrays ${JSON.stringify(name)}`);
  const { data: shape } = numbersOf({ type: 5, content: dimensions }, [dimensions.length / 4], little, fail);
  const sizes = Array.from(shape as Int32Array);
  found.set(name, numbersOf(readElement(cursor), sizes, little, fail));
}

function numbersOf({ type, content }: Element, shape: readonly number[], little: boolean, fail: Fail): NumpyArray {
  const name = numbers[type] ?? fail(`damaged: numbers of type ${type}`);
  // Row-major and column-major are the same to a copy that leaves the order of the elements alone.
  const layout = { type: numpyType(`${little ? "<" : ">"}${name}`, fail), shape, fortran: false };
  return numpyArray(content, layout, fail);
}
