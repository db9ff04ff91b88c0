import type { StoredTensor } from "./safetensors";

/** A stored tensor's values as float32; F32 is returned as it is, without a copy. */
export function toFloat32({ dtype, data }: StoredTensor): Float32Array {
  switch (dtype) {
    case "F32":
      return data;
    case "F16":
      return Float32Array.from(data, fromHalf);
    case "BF16":
      // The upper half of a float32.
      return new Float32Array(Uint32Array.from(data, (bits) => bits << 16).buffer);
    case "I64":
      return Float32Array.from(data, Number);
    default:
      return Float32Array.from(data);
  }
}

/** IEEE 754 binary16: 1 bit sign, 5 bits exponent, 10 bits fraction. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
