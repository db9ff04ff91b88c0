import type { Fail } from "@awp/core/node";

type Elements =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

interface ElementConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, start: number, length: number): Elements;
}

/** The element types of NumPy that are read, by its own short names. */
const elementTypes: ReadonlyMap<string, ElementConstructor> = new Map<string, ElementConstructor>([
  ["b1", Uint8Array],
  ["u1", Uint8Array],
  ["i1", Int8Array],
  ["u2", Uint16Array],
  ["i2", Int16Array],
  ["u4", Uint32Array],
  ["i4", Int32Array],
  ["u8", BigUint64Array],
  ["i8", BigInt64Array],
  ["f4", Float32Array],
  ["f8", Float64Array],
]);

/** An element type and the order of its bytes. */
export interface NumpyType {
  readonly name: string;
  readonly elements: ElementConstructor;
  readonly bigEndian: boolean;
}

/** The values of an array of NumPy on the host, row-major, in this machine's order of bytes. */
export interface NumpyArray {
  readonly shape: readonly number[];
  readonly data: Elements;
}

export interface NumpyLayout {
  readonly type: NumpyType;
  readonly shape: readonly number[];
  /** Whether the first axis is the one whose neighbours lie together. */
  readonly fortran: boolean;
}

/** The type that NumPy writes as `<f4` or `|u1`, or as `f4` with `order` told apart. */
export function numpyType(text: string, fail: Fail): NumpyType {
  const [, order = "", name = ""] = /^([<>|=]?)([a-z]\d+)$/.exec(text) ?? [];
  const elements = elementTypes.get(name);
  if (elements !== undefined) return { name, elements, bigEndian: order === ">" };
  const wanted = [...elementTypes.keys()].join(", ");
  return fail(`elements of type ${JSON.stringify(text.slice(0, 40))}, want one of ${wanted}`);
}

/**
 * The array whose elements `bytes` holds. A view of them where they lie as wanted, else a copy.
 *
 * @throws what `fail` throws unless the bytes are exactly those of the shape
 */
export function numpyArray(bytes: Uint8Array, { type, shape, fortran }: NumpyLayout, fail: Fail): NumpyArray {
  const width = type.elements.BYTES_PER_ELEMENT;
  const usable = shape.length <= 32 && shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (!usable) fail(`an array of shape [${shape.slice(0, 32).join(", ")}]`);
  const size = shape.reduce((product, axis) => product * axis, width);
  if (size !== bytes.length) {
    fail(`${bytes.length} bytes for an array of ${type.name} of shape [${shape.join(", ")}], want ${size}`);
  }
  const swapped = type.bigEndian && width > 1;
  const aligned = swapped || bytes.byteOffset % width !== 0 ? bytes.slice() : bytes;
  if (swapped) for (let at = 0; at < size; at += width) aligned.subarray(at, at + width).reverse();
  const data = new type.elements(aligned.buffer, aligned.byteOffset, size / width);
  const scattered = fortran && shape.filter((axis) => axis > 1).length > 1;
  return { shape, data: scattered ? rowMajor(data, shape) : data };
}

/** The elements of a column-major array, the last axis now that whose neighbours lie together. */
function rowMajor(data: Elements, shape: readonly number[]): Elements {
  const out = data.slice();
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, 1));
  const place = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    out[to] = data[from] as never;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place[axis] = (place[axis] as number) + 1;
      from += strides[axis] as number;
      if ((place[axis] as number) < (shape[axis] as number)) break;
      from -= (strides[axis] as number) * (shape[axis] as number);
      place[axis] = 0;
    }
  }
  return out;
}
