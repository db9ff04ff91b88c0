import type { StoredData, StoredType } from "@awp/core";

/** What a tensor's elements are in PyTorch: the class of their storage, the name of their `torch.dtype`. */
interface Elements {
  readonly storage: string;
  readonly dtype: string;
  readonly width: number;
}

/** The types of elements, by the names that safetensors has for them. */
export const elements: Readonly<Record<StoredType, Elements>> = {
  F64: { storage: "DoubleStorage", dtype: "float64", width: 8 },
  F32: { storage: "FloatStorage", dtype: "float32", width: 4 },
  F16: { storage: "HalfStorage", dtype: "float16", width: 2 },
  BF16: { storage: "BFloat16Storage", dtype: "bfloat16", width: 2 },
  I64: { storage: "LongStorage", dtype: "int64", width: 8 },
  I32: { storage: "IntStorage", dtype: "int32", width: 4 },
  I16: { storage: "ShortStorage", dtype: "int16", width: 2 },
  I8: { storage: "CharStorage", dtype: "int8", width: 1 },
  U8: { storage: "ByteStorage", dtype: "uint8", width: 1 },
  BOOL: { storage: "BoolStorage", dtype: "bool", width: 1 },
};

/** {@link elements} in a list. */
export const storedTypes: readonly StoredType[] = Object.keys(elements) as StoredType[];

type Elementwise = StoredData[StoredType];

/** The elements that bytes are, in this machine's order, which is that of the bytes; no copy. */
export function viewed(bytes: Uint8Array, type: StoredType, start: number, count: number): Elementwise {
  const { width } = elements[type];
  const buffer = bytes.buffer as ArrayBuffer;
  const offset = bytes.byteOffset + start * width;
  switch (type) {
    case "F64":
      return new Float64Array(buffer, offset, count);
    case "F32":
      return new Float32Array(buffer, offset, count);
    case "F16":
    case "BF16":
      return new Uint16Array(buffer, offset, count);
    case "I64":
      return new BigInt64Array(buffer, offset, count);
    case "I32":
      return new Int32Array(buffer, offset, count);
    case "I16":
      return new Int16Array(buffer, offset, count);
    case "I8":
      return new Int8Array(buffer, offset, count);
    case "U8":
    case "BOOL":
      return new Uint8Array(buffer, offset, count);
  }
}

/** Turns the bytes of each element around, in place. */
export function swapBytes(bytes: Uint8Array, width: number): void {
  const whole = bytes.length - (bytes.length % width);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, whole);
  if (width === 8) buffer.swap64();
  else if (width === 4) buffer.swap32();
  else if (width === 2) buffer.swap16();
}
