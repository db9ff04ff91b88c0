import type { ProcessGroup } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { agreeing } from "./agreement";

/**
 * The group of one process: what a program has that no launcher started with others.
 *
 * @example
 * const batches = await alone.allGather(1); // [1]
 */
export const alone: ProcessGroup = agreeing({
  rank: 0,
  size: 1,
  allReduce: (tensors) => tensors.map((tensor) => tf.clone(tensor)),
  broadcast: (tensors) => tensors.map((tensor) => tf.clone(tensor)),
  allGather: (value) => Promise.resolve([value]),
  barrier: () => Promise.resolve(),
});
