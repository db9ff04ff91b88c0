import { requireArgument, requireCount } from "@awp/core/authoring";

/** One of so many processes that share each batch: a process group is one. */
export interface Shard {
  /** Its number among them, from 0. */
  readonly rank: number;
  /** How many there are. */
  readonly size: number;
}

/** Throws an `ArgumentError` unless a rank is one of so many. */
export function requireShard({ rank, size }: Shard): void {
  requireCount("shard.size", size);
  requireCount("shard.rank", rank, 0);
  requireArgument(rank < size, "shard.rank", rank, `below ${size}, the size`);
}

/** Where a shard's part of so many rows begins and ends: the parts are as equal as can be. */
export function shareOf(rows: number, { rank, size }: Shard): readonly [start: number, end: number] {
  return [Math.floor((rank * rows) / size), Math.floor(((rank + 1) * rows) / size)];
}
