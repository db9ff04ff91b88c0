import type { Tensor } from "@tensorflow/tfjs-core";

/**
 * Processes that do one job together, each with a rank of its own. All call the same collectives in the same order: a
 * collective waits for the others, and fails, with who is missing, where one does not come.
 *
 * `what` names a collective in such a message: "gradients", for example.
 */
export interface ProcessGroup {
  /** The number of this process among the others, from 0. */
  readonly rank: number;
  /** How many processes there are. */
  readonly size: number;
  /**
   * The sums over all ranks of float32 tensors, which have the same shapes on each: new tensors, with the same bits on
   * every rank. The tensors stay the caller's.
   */
  allReduce(tensors: readonly Tensor[], what?: string): Tensor[];
  /** Rank 0's values, on every rank, of tensors of the same shapes: new tensors. The tensors stay the caller's. */
  broadcast(tensors: readonly Tensor[], what?: string): Tensor[];
  /** Every rank's value, by rank: a value that can be cloned structurally, of typed arrays and maps too. */
  allGather<T>(value: T, what?: string): Promise<readonly T[]>;
  /** Waits until all ranks are here. */
  barrier(what?: string): Promise<void>;
}
