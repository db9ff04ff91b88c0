import type { Tensor1D } from "@tensorflow/tfjs-core";
import { requireCount } from "../argument";
import { requireArgument } from "../error";
import { philox } from "./philox";

/** The key of a {@link Random}: two 32-bit words, as a tensor (int32, `[2]`) for a step that is recorded and replayed. */
export type RandomKey = readonly [number, number] | Int32Array | Tensor1D;

/**
 * Explicit, counter-based randomness (Philox 4x32-10): a value, not a stream. The same value gives the same draw on
 * every backend, each time; `fold` makes the value for another draw.
 */
export interface Random {
  readonly key: RandomKey;
  /** Two 32-bit words that `fold` has mixed; part of Philox's counter. */
  readonly stream: readonly [number, number];
  /** One key per row of a batch: a row's draw then depends on its key, not on its place in the batch. */
  readonly rows?: Int32Array | Tensor1D;
  /** An independent value for each `n`, an integer. */
  fold(n: number): Random;
  /** `count` independent values (2 unless told): `fold(0)`, `fold(1)`, … */
  split(count?: number): readonly Random[];
  /** The same value with one key per row: not negative, in practice each example's index in its data set. */
  forRows(rows: Int32Array | Tensor1D): Random;
}

/**
 * Randomness from a seed, or from a key that `stepKey` made.
 *
 * @throws ArgumentError unless the seed is a safe integer, not negative, or a key of two int32 words.
 * @example
 * const seed = random(7);
 * const weights = normal(seed.fold(0), [3, 3]);
 * const noise = uniform(seed.fold(1), [3, 3]); // fold(0) once more would draw the same bits
 */
export function random(seed: number | RandomKey): Random {
  if (typeof seed !== "number") {
    requireKey(seed);
    return randomAt(seed, [0, 0]);
  }
  requireArgument(Number.isSafeInteger(seed) && seed >= 0, "seed", seed, "an integer from 0 to 2^53 - 1");
  return randomAt(words(seed), [0, 0]);
}

function randomAt(key: RandomKey, stream: readonly [number, number], rows?: Int32Array | Tensor1D): Random {
  return {
    key,
    stream,
    ...(rows === undefined ? {} : { rows }),
    fold: (n) => randomAt(key, folded(stream, n), rows),
    split: (count = 2) => {
      requireCount("count", count, 0);
      return Array.from({ length: count }, (_, n) => randomAt(key, folded(stream, n), rows));
    },
    forRows: (next) => {
      requireRows(next);
      return randomAt(key, stream, next);
    },
  };
}

/** The stream after a fold: 64 bits of a permutation of (stream, n), so that paths collide no more than random words. */
function folded(stream: readonly [number, number], n: number): readonly [number, number] {
  requireArgument(Number.isSafeInteger(n), "n", n, "an integer");
  const out = new Uint32Array(4);
  philox(out, 0, ...words(n), ...stream, 0x243f6a88, 0x85a308d3);
  const [first = 0, second = 0] = out;
  return [first, second];
}

function words(n: number): readonly [number, number] {
  return [n >>> 0, Math.floor(n / 2 ** 32) >>> 0];
}

function requireKey(key: RandomKey): void {
  if ("dtype" in key) {
    requireArgument(key.dtype === "int32" && key.size === 2, "key", `${key.dtype} [${key.shape}]`, "int32 [2]");
  } else {
    requireArgument(key.length === 2 && key.every(Number.isInteger), "key", Array.from(key), "two 32-bit words");
  }
}

function requireRows(rows: Int32Array | Tensor1D): void {
  if ("dtype" in rows) {
    requireArgument(
      rows.dtype === "int32" && rows.rank === 1,
      "rows",
      `${rows.dtype} [${rows.shape}]`,
      "int32 [batch]",
    );
  } else {
    const negative = rows.find((row) => row < 0);
    requireArgument(negative === undefined, "rows", negative, "indices of examples, not negative");
  }
}
