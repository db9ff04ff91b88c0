import type { ProcessGroup } from "@awp/core";

/**
 * What `body` comes to on each rank, in three turns: rank 0, then the first of each other machine, then the others. What
 * one fetches for its machine, or rank 0 for all where they share a disk, the next ones find, and no two fetch one file.
 */
export async function inTurns<T>(
  group: ProcessGroup,
  localRank: number,
  what: string,
  body: () => Promise<T>,
): Promise<T> {
  const { byRankZero } = await import("@awp/distributed");
  // Not handed on: what it comes to may be nothing that can be sent.
  let own = group.rank === 0 ? body() : undefined;
  await byRankZero(group, what, async () => void (await own));
  if (group.rank > 0 && localRank === 0) await (own = body());
  await group.barrier(what);
  return own ?? body();
}
