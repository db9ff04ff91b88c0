import { deserialize, serialize } from "node:v8";
import { isMainThread } from "node:worker_threads";
import type { Tensor } from "@tensorflow/tfjs-core";
import { type Addon, loadAddon } from "../native";
import { CollectiveError } from "./collective-error";
import { checkedOptions, type JoinOptions } from "./join-options";
import { collect } from "./tensor-collectives";

/**
 * A group of processes that compute together, joined by {@link joinProcessGroup}. All of them call the same collectives in
 * the same order; `what` says in an error what one was for. Each throws a `CollectiveError` where another rank is gone or
 * does not come in time, and the group is of no use then.
 */
export interface TorchProcessGroup {
  /** The number of this process, from 0. */
  readonly rank: number;
  /** How many processes there are. */
  readonly size: number;
  /**
   * The sums over all ranks of float32 tensors of the same shapes, the same bits on every rank: new tensors, which the
   * caller owns, as it does the given ones. Waits for the other ranks. Inside a recorded step it is replayed with it.
   */
  allReduce(tensors: readonly Tensor[], what?: string): Tensor[];
  /** Rank 0's values of tensors (float32, int32, bool) of the same shapes: new tensors, on every rank. Waits. */
  broadcast(tensors: readonly Tensor[], what?: string): Tensor[];
  /** Every rank's value, by rank: anything that `node:v8` serializes, Maps and typed arrays too. Leaves the event loop free. */
  allGather<T>(value: T, what?: string): Promise<readonly T[]>;
  /** Fulfilled when every rank has called it. */
  barrier(what?: string): Promise<void>;
  /**
   * Ends this process's part: it may join another group then. With an error the others fail at once, with its message.
   */
  leave(error?: Error): Promise<void>;
}

/**
 * Joins the other processes of a job; fulfilled when all have come. A process is in one group at a time. On the CPU and for
 * host values it is Gloo's, through libtorch's c10d; it works with any backend of tfjs.
 *
 * @example
 * const group = await joinProcessGroup({
 *   address: process.env["MASTER_ADDR"] ?? "127.0.0.1",
 *   port: Number(process.env["MASTER_PORT"]),
 *   rank: Number(process.env["RANK"]),
 *   size: Number(process.env["WORLD_SIZE"]),
 * });
 * const [sum] = group.allReduce([tf.scalar(group.rank)], "ranks");
 * await group.leave();
 * @throws Error for options out of range, a second group, a port that another job uses, and ranks
 * that do not come in time or differ in the size of the group, libtorch or the version of the addon.
 */
export async function joinProcessGroup(options: JoinOptions): Promise<TorchProcessGroup> {
  const world = checkedOptions(options, isMainThread);
  const addon = loadAddon();
  await addon.joinGroup(world, CollectiveError);
  return groupOf(addon, world.rank, world.size);
}

function groupOf(addon: Addon, rank: number, size: number): TorchProcessGroup {
  return {
    rank,
    size,
    allReduce: (tensors, what = "") => collect("AllReduce", tensors, what),
    broadcast: (tensors, what = "") => collect("Broadcast", tensors, what),
    async allGather<T>(value: T, what = "") {
      const values = await addon.gatherBytes("all-gather", what, serialize(value));
      return values.map((bytes) => deserialize(bytes) as T);
    },
    async barrier(what = "") {
      await addon.gatherBytes("barrier", what, new Uint8Array());
    },
    async leave(error) {
      await addon.leaveGroup(error === undefined ? "" : error.message || error.name);
    },
  };
}
