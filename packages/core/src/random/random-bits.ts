import { philox } from "./philox";

/** The words that bits are drawn from: of a key, of a stream and, row by row, of the batch. */
export interface BitSource {
  readonly key: ArrayLike<number>;
  readonly stream: readonly [number, number];
  readonly rows?: ArrayLike<number>;
}

/** Row keys of draws without rows and of derived keys; examples' indices are not negative int32, so neither is one. */
const noRow = 0xffffffff;
const keyRow = 0xfffffffe;

/**
 * `count` random 32-bit words. Element e of a row is word e mod 4 of the block with counter [⌊e / 4⌋, row key, stream];
 * without rows, everything is one row.
 */
export function randomBits({ key, stream, rows = [noRow] }: BitSource, count: number): Uint32Array {
  const rowSize = count / rows.length;
  // Room for the whole blocks at the end of each row, which the next row then overwrites.
  const bits = new Uint32Array(count + 3);
  const [k0, k1] = [key[0] as number, key[1] as number];
  for (let row = 0; row < rows.length; row++) {
    const rowKey = rows[row] as number;
    const start = row * rowSize;
    for (let block = 0; block * 4 < rowSize; block++) {
      philox(bits, start + block * 4, block, rowKey, stream[0], stream[1], k0, k1);
    }
  }
  return bits.subarray(0, count);
}

/** A new key of two words that stands for a key and a stream. */
export function derivedKey({ key, stream }: BitSource): Int32Array {
  return new Int32Array(randomBits({ key, stream, rows: [keyRow] }, 2));
}
