import type { ProcessGroup } from "@awp/core";
import type { World } from "@awp/distributed";

/** The processes that do a command together; a command that no launcher has started with others is one of one. */
export interface Ranks {
  /** The number of this process, from 0: rank 0 writes and prints. */
  readonly rank: number;
  readonly size: number;
  /** What the work is shared through; undefined for a process alone. */
  readonly group: ProcessGroup | undefined;
  /** What `body` comes to on rank 0, on all; what it throws there is thrown on all. */
  first<T>(what: string, body: () => Promise<T>): Promise<T>;
  /** A signal that is aborted on all ranks at the same point, once it is on any. */
  agreed(signal: AbortSignal): AbortSignal;
}

const one: Ranks = {
  rank: 0,
  size: 1,
  group: undefined,
  first: (_what, body) => body(),
  agreed: (signal) => signal,
};

/** Waits for the other ranks, if there are any. */
export async function ranksOf(world: World | undefined): Promise<Ranks> {
  if (world === undefined) return one;
  // A process alone does not load it.
  const { agreed, byRankZero, processGroup } = await import("@awp/distributed");
  const group = await processGroup();
  return {
    rank: group.rank,
    size: group.size,
    group,
    first: (what, body) => byRankZero(group, what, body),
    agreed: (signal) => agreed(group, signal),
  };
}
