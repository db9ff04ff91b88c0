import type { RunStore, StoredKind } from "../../src/index";

/** What a {@link memoryStore} holds; it outlives the store, as a disk outlives a process. */
export interface Memory {
  /** Files by kind, epochs and name. */
  readonly entries: Map<string, ReadonlyMap<string, Uint8Array>>;
  metrics: string[];
}

export const emptyMemory = (): Memory => ({ entries: new Map(), metrics: [] });

/**
 * A store that keeps a run in `memory`, its newest checkpoint and its best epoch. `onWrite` is called around every change:
 * before and after it.
 */
export function memoryStore(memory: Memory, onWrite: () => Promise<void> = () => Promise.resolve()): RunStore {
  const { entries } = memory;
  const placeOf = (kind: StoredKind, epochs: number): string => `${kind}/${epochs}`;
  const epochsOf = (kind: StoredKind): number[] => {
    const names = [...entries.keys()].filter((name) => name.startsWith(`${kind}/`));
    return names.map((name) => Number(name.slice(kind.length + 1))).sort((a, b) => a - b);
  };
  const change = async (make: () => void): Promise<void> => {
    await onWrite();
    make();
    await onWrite();
  };
  const remove = async (kind: StoredKind, unwanted: (epochs: number) => boolean): Promise<void> => {
    for (const epochs of epochsOf(kind).filter(unwanted)) await change(() => entries.delete(placeOf(kind, epochs)));
  };
  return {
    place: "memory",
    placeOf,
    holdsRun: () => Promise.resolve(entries.size > 0 || memory.metrics.length > 0),
    newest: () => {
      const epochs = epochsOf("checkpoint").at(-1);
      const files = entries.get(placeOf("checkpoint", epochs ?? -1));
      return Promise.resolve(epochs === undefined || files === undefined ? undefined : { epochs, files });
    },
    write: (kind, epochs, files) => change(() => entries.set(placeOf(kind, epochs), files)),
    appendMetrics: (line) => change(() => memory.metrics.push(line)),
    async cutBack(epochs) {
      await remove("checkpoint", (found) => found > epochs);
      await remove("best", (found) => found > epochs);
      const kept = memory.metrics.filter((line) => (JSON.parse(line) as { epoch: number }).epoch < epochs);
      await change(() => {
        memory.metrics = kept;
      });
    },
    async prune(best) {
      const newest = epochsOf("checkpoint").at(-1);
      await remove("checkpoint", (found) => found !== newest);
      await remove("best", (found) => best !== undefined && found < best);
    },
  };
}
