import type { ProcessGroup } from "@awp/core";
import type { World } from "@awp/distributed";
import { inTurns } from "./in-turns";

/** The processes that do a command together; a command that no launcher has started with others is one of one. */
export interface Ranks {
  /** The number of this process, from 0: rank 0 writes and prints. */
  readonly rank: number;
  readonly size: number;
  /** What the work is shared through; undefined for a process alone. */
  readonly group: ProcessGroup | undefined;
  /** What `body` comes to on rank 0, on all; what it throws there is thrown on all. */
  first<T>(what: string, body: () => Promise<T>): Promise<T>;
  /** What `body` comes to on each, on one of each machine before its others: what it fetches there they find. */
  inTurns<T>(what: string, body: () => Promise<T>): Promise<T>;
  /** A signal that is aborted on all ranks at the same point, once it is on any. */
  agreed(signal: AbortSignal): AbortSignal;
  /** Ends this process's part; with an error the others fail at once. */
  leave(error?: Error): Promise<void>;
}

const one: Ranks = {
  rank: 0,
  size: 1,
  group: undefined,
  first: (_what, body) => body(),
  inTurns: (_what, body) => body(),
  agreed: (signal) => signal,
  leave: () => Promise.resolve(),
};

/** Half an hour: a rank may be long at its share of an evaluation, and one that has died is told of at once. */
const usualSeconds = 1800;

/** Waits for the other ranks, if there are any, which then wait so long for one another in all that they do together. */
export async function ranksOf(world: World | undefined, seconds = usualSeconds): Promise<Ranks> {
  if (world === undefined) return one;
  // A process alone does not load it.
  const { agreed, byRankZero, processGroup } = await import("@awp/distributed");
  const group = await processGroup({ timeout: 1000 * seconds });
  return {
    rank: group.rank,
    size: group.size,
    group,
    first: (what, body) => byRankZero(group, what, body),
    inTurns: (what, body) => inTurns(group, world.localRank, what, body),
    agreed: (signal) => agreed(group, signal),
    leave: (error) => group.leave(error),
  };
}
