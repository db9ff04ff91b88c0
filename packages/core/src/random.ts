import type { Tensor1D } from "@tensorflow/tfjs-core";

/** Two 32-bit words. As a tensor (int32, `[2]`) it may change between replays of a recorded step. */
export type RandomKey = readonly [number, number] | Tensor1D;

/**
 * Explicit, counter-based randomness (Philox 4x32-10): a value, not a stream. The same value gives the same draw on
 * every backend; `fold` names the next one.
 */
export interface Random {
  readonly key: RandomKey;
  /** Two 32-bit words that `fold` has mixed; part of Philox's counter. */
  readonly stream: readonly [number, number];
  /** One key per row of a batch: a row's draw then depends on its key, not on its place in the batch. */
  readonly rows?: Int32Array | Tensor1D;
  /** An independent value for each `n`, an integer. */
  fold(n: number): Random;
  /** `count` independent values. */
  split(count?: number): readonly Random[];
  /** The same value with one key per row. */
  forRows(rows: Int32Array | Tensor1D): Random;
}
