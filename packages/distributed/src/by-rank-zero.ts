import { AwpError, type ProcessGroup } from "@awp/core";

type Outcome<T> = { readonly value: T } | { readonly failure: string };

/**
 * What `body` comes to on rank 0, on every rank: the others do not run it, and wait. The value must be one that can be
 * cloned structurally. Where it fails it fails on all: on rank 0 with its own error, on the others with its message.
 *
 * @example
 * const settings = await byRankZero(group, "settings", async () => ({ gamma: 0.01 }));
 * @throws AwpError on the other ranks, with what it threw on rank 0
 */
export async function byRankZero<T>(group: ProcessGroup, what: string, body: () => T | Promise<T>): Promise<T> {
  let error: Error | undefined;
  const attempt = async (): Promise<Outcome<T>> => {
    try {
      return { value: await body() };
    } catch (thrown) {
      error = thrown instanceof Error ? thrown : new AwpError(String(thrown));
      return { failure: error.message };
    }
  };
  const [outcome] = await group.allGather(group.rank === 0 ? await attempt() : undefined, what);
  if (error !== undefined) throw error;
  if (outcome === undefined || "failure" in outcome) throw new AwpError(`rank 0: ${outcome?.failure ?? "nothing"}`);
  return outcome.value;
}
