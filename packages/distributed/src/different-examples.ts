import { requireArgument } from "@awp/core/authoring";

/**
 * How many rows a batch has over all ranks, from the examples that each has of it. Throws an `ArgumentError` where two
 * ranks have the same ones: then their batches are no shares, and each does the other's work.
 */
export function requireDifferentExamples(examples: readonly (readonly number[])[]): number {
  const firstWith = new Map<string, number>();
  for (const [rank, indices] of examples.entries()) {
    const key = indices.join();
    const other = firstWith.get(key);
    const given = `the same examples on ranks ${other} and ${rank}`;
    requireArgument(other === undefined, "batches", given, "rows of its own on each rank: give batches shard: group");
    firstWith.set(key, rank);
  }
  return examples.reduce((sum, indices) => sum + indices.length, 0);
}
