import { highProduct } from "./philox";

/**
 * Uniform numbers `low + u·(high − low)` with u on the grid of 2^-24, each operation rounded to float32, so that every
 * backend can have the same bits.
 */
export function uniformFromBits(bits: Uint32Array, low: number, high: number): Float32Array {
  const from = Math.fround(low);
  const to = Math.fround(high);
  const range = Math.fround(to - from);
  const out = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    const value = Math.fround(from + Math.fround(((bits[i] as number) >>> 8) * 2 ** -24 * range));
    // The sum may round up to `high` itself, which is excluded.
    out[i] = value < to || from === to ? value : previousFloat(to);
  }
  return out;
}

/**
 * Normal numbers by Box–Muller in double precision, from two words per value: `mean + std·√(−2 ln u)·cos(2πv)` with
 * u = (⌊word / 256⌋ + 1) / 2^24 of the first, in (0, 1], and v = ⌊word / 256⌋ / 2^24 of the second.
 */
export function normalFromBits(bits: Uint32Array, mean: number, std: number): Float32Array {
  const out = new Float32Array(bits.length / 2);
  for (let i = 0; i < out.length; i++) {
    const u = (((bits[2 * i] as number) >>> 8) + 1) * 2 ** -24;
    const v = ((bits[2 * i + 1] as number) >>> 8) * 2 ** -24;
    out[i] = mean + std * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
  }
  return out;
}

/** Integers `low + ⌊word · (high − low) / 2^32⌋`, exactly. */
export function integersFromBits(bits: Uint32Array, low: number, high: number): Int32Array {
  const out = new Int32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = low + integerBelow(high - low, bits[i] as number);
  return out;
}

/** The integer ⌊word · range / 2^32⌋, exactly. */
export function integerBelow(range: number, word: number): number {
  return highProduct(word, range) >>> 0;
}

/** The largest float32 below `x`. */
function previousFloat(x: number): number {
  if (x === 0) return -(2 ** -149);
  const float = new Float32Array([x]);
  const word = new Int32Array(float.buffer);
  word[0] = (word[0] as number) + (x > 0 ? -1 : 1);
  return float[0] as number;
}
