/** What is known of a collective that failed. */
export interface CollectiveFailure {
  /** The rank that says so: this process's. */
  readonly rank: number;
  /** Its kind, its number among all collectives of the group, and what it was for: `"all-reduce 417 (gradients)"`. */
  readonly collective: string;
  /** How long it lasted, in seconds. */
  readonly seconds: number;
  /** The ranks to blame: gone, failed, late, or in another collective. Empty where all are well and a link is cut. */
  readonly missing: readonly number[];
}

/**
 * A collective that failed, on every rank that is still there: `rank 1: all-reduce 417 (gradients) failed after 0.3 s:
 * rank 2 is gone (last heard of 2 s ago)`. The group is of no use from then on.
 *
 * @example
 * try {
 *   await group.barrier();
 * } catch (error) {
 *   if (error instanceof CollectiveError) console.error(error.missing); // [2]
 * }
 */
export class CollectiveError extends Error implements CollectiveFailure {
  override readonly name = "CollectiveError";
  readonly rank: number;
  readonly collective: string;
  readonly seconds: number;
  readonly missing: readonly number[];

  constructor(message: string, { rank, collective, seconds, missing }: CollectiveFailure) {
    super(message);
    this.rank = rank;
    this.collective = collective;
    this.seconds = seconds;
    this.missing = missing;
  }
}
