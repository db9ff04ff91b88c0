import type { ProcessGroup } from "@awp/core";
import type { RunStore } from "@awp/train";
import { byRankZero } from "./by-rank-zero";

/**
 * The store as rank 0 has it, for all ranks: rank 0 reads and writes, the others are given what it read. So they need no
 * folder in common; their own store does no more than name its places.
 */
export function storeOfRankZero(store: RunStore, group: ProcessGroup): RunStore {
  const onDisk = <T>(what: string, body: () => Promise<T>): Promise<T> => byRankZero(group, `store: ${what}`, body);
  return {
    place: store.place,
    placeOf: (kind, position) => store.placeOf(kind, position),
    holdsRun: () => onDisk("holdsRun", () => store.holdsRun()),
    newest: () => onDisk("newest", () => store.newest()),
    write: (kind, position, files) => onDisk(`write ${kind}`, () => store.write(kind, position, files)),
    appendMetrics: (line) => onDisk("appendMetrics", () => store.appendMetrics(line)),
    cutBack: (position) => onDisk("cutBack", () => store.cutBack(position)),
    prune: (needed) => onDisk("prune", () => store.prune(needed)),
  };
}
