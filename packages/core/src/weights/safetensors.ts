import { requireArgument } from "../error";

/** The typed array of each stored type; 16-bit floats are kept as their bits, see `toFloat32`. */
export interface StoredData {
  readonly F64: Float64Array;
  readonly F32: Float32Array;
  readonly F16: Uint16Array;
  readonly BF16: Uint16Array;
  readonly I64: BigInt64Array;
  readonly I32: Int32Array;
  readonly I16: Int16Array;
  readonly I8: Int8Array;
  readonly U8: Uint8Array;
  readonly BOOL: Uint8Array;
}

/** The element types that are read and written. */
export type StoredType = keyof StoredData;

/** A tensor as it lies in a file, row-major; `dtype` decides the type of `data`. */
export type StoredTensor = {
  readonly [Type in StoredType]: {
    readonly dtype: Type;
    readonly shape: readonly number[];
    readonly data: StoredData[Type];
  };
}[StoredType];

type StoredArrays = {
  readonly [Type in StoredType]: {
    new (buffer: ArrayBuffer, byteOffset: number, length: number): StoredData[Type];
    readonly BYTES_PER_ELEMENT: number;
    readonly name: string;
  };
};

/** The constructor of each stored type's typed array, which knows the bytes per element. */
export const storedArrays: StoredArrays = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
};

/** The key under which the header keeps text about the file. */
export const metadataName = "__metadata__";

/**
 * The bytes of a safetensors file: the length of a JSON header, the header, the tensors.
 *
 * Wider elements come first, so that each tensor is aligned; otherwise the entries keep their order. The same input
 * gives the same bytes.
 *
 * @example
 * const bytes = encodeSafetensors(await networkEntries(network), { epoch: "200" });
 * await writeFile("model.safetensors", bytes);
 * @throws ArgumentError if an entry's data does not fit its type or shape, or its name is taken by the metadata.
 */
export function encodeSafetensors(
  entries: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  for (const [name, entry] of entries) requireEntry(name, entry);
  const laidOut = [...entries].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);

  const fields: string[] = [];
  if (Object.keys(metadata).length > 0) fields.push(`${JSON.stringify(metadataName)}:${JSON.stringify(metadata)}`);
  let size = 0;
  for (const [name, { dtype, shape, data }] of laidOut) {
    const range = [size, size + data.byteLength];
    fields.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: range })}`);
    size += data.byteLength;
  }
  const header = new TextEncoder().encode(`{${fields.join(",")}}`);
  const start = 8 + Math.ceil(header.length / 8) * 8;

  const bytes = new Uint8Array(start + size).fill(0x20, 8, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(header, 8);
  let offset = start;
  for (const [, { data }] of laidOut) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

function requireEntry(name: string, { dtype, shape, data }: StoredTensor): void {
  requireArgument(name !== metadataName, "entries", name, "another name: this one is the file's metadata");
  const array = storedArrays[dtype] as StoredArrays[StoredType] | undefined;
  requireArgument(array !== undefined, `${name}.dtype`, dtype, `one of ${Object.keys(storedArrays).join(", ")}`);
  requireArgument(data instanceof array, `${name}.data`, data, `a ${array.name} for ${dtype}`);
  const whole = shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  requireArgument(whole, `${name}.shape`, shape, "sizes that are integers, not negative");
  const size = shape.reduce((product, axis) => product * axis, 1);
  requireArgument(data.length === size, `${name}.data`, `${data.length} elements`, `${size} for [${shape.join(", ")}]`);
}
