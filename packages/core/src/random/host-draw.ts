import { integerBelow, uniformFromBits } from "./distribution";
import { requireCount } from "../argument";
import { requireArgument } from "../error";
import type { Random } from "./random";
import { type BitSource, derivedKey, randomBits } from "./random-bits";

/**
 * `count` uniform numbers in [0, 1) on the host: those of `uniform(random, [count])`, or with rows those of
 * `uniform(random, [rows, count / rows])`.
 *
 * @example
 * const [probability] = hostUniform(random(0).fold(epoch), 1);
 * @throws ArgumentError if the key or the rows are tensors, which the host must not wait for.
 */
export function hostUniform(random: Random, count: number): Float32Array {
  requireCount("count", count, 0);
  const source = hostSource(random);
  const { rows } = source;
  const fits = rows === undefined || (rows.length === 0 ? count === 0 : count % rows.length === 0);
  requireArgument(fits, "count", count, `a multiple of the number of rows, ${rows?.length}`);
  return uniformFromBits(randomBits(source, count), 0, 1);
}

/**
 * A random order of 0 … n − 1 (Fisher–Yates), on the host; rows play no part.
 *
 * @throws ArgumentError if the key is a tensor.
 */
export function permutation(random: Random, n: number): Int32Array {
  requireCount("n", n, 0);
  const { key, stream } = hostSource(random);
  const bits = randomBits({ key, stream }, n);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = integerBelow(i + 1, bits[i] as number);
    const swapped = order[i] as number;
    order[i] = order[j] as number;
    order[j] = swapped;
  }
  return order;
}

/**
 * Key and stream collapsed into one new key, `[2]`, for `random(key)`. A step that is recorded once and replayed takes
 * it as a tensor, another one each time. Rows play no part.
 *
 * @throws ArgumentError if the key is a tensor.
 */
export function stepKey(random: Random): Int32Array {
  return derivedKey(hostSource(random));
}

function hostSource({ key, stream, rows }: Random): BitSource {
  requireArgument(!("dtype" in key), "random", "a key that is a tensor", "a key on the host");
  if (rows === undefined) return { key, stream };
  requireArgument(!("dtype" in rows), "random", "rows that are a tensor", "rows on the host");
  return { key, stream, rows };
}
