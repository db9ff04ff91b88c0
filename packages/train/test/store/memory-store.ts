import { comparePositions, type Position, type RunStore, type StoredKind } from "../../src/index";

/** What a {@link memoryStore} holds; it outlives the store, as a disk outlives a process. */
export interface Memory {
  /** Files by kind, position and name. */
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
  const placeOf = (kind: StoredKind, { epochs, step }: Position): string => `${kind}/${epochs}+${step}`;
  const positionsOf = (kind: StoredKind): Position[] => {
    const names = [...entries.keys()].filter((name) => name.startsWith(`${kind}/`));
    const counts = names.map((name) =>
      name
        .slice(kind.length + 1)
        .split("+")
        .map(Number),
    );
    return counts.map(([epochs = 0, step = 0]) => ({ epochs, step })).sort(comparePositions);
  };
  const change = async (make: () => void): Promise<void> => {
    await onWrite();
    make();
    await onWrite();
  };
  const remove = async (kind: StoredKind, unwanted: (position: Position) => boolean): Promise<void> => {
    for (const found of positionsOf(kind).filter(unwanted)) await change(() => entries.delete(placeOf(kind, found)));
  };
  return {
    place: "memory",
    placeOf,
    holdsRun: () => Promise.resolve(entries.size > 0 || memory.metrics.length > 0),
    newest: () => {
      const position = positionsOf("checkpoint").at(-1);
      const files = position && entries.get(placeOf("checkpoint", position));
      return Promise.resolve(position && files && { position, files });
    },
    write: (kind, position, files) => change(() => entries.set(placeOf(kind, position), files)),
    appendMetrics: (line) => change(() => memory.metrics.push(line)),
    async cutBack(position) {
      await remove("checkpoint", (found) => comparePositions(found, position) > 0);
      await remove("best", (found) => comparePositions(found, position) > 0);
      const kept = memory.metrics.filter((line) => (JSON.parse(line) as { epoch: number }).epoch < position.epochs);
      await change(() => {
        memory.metrics = kept;
      });
    },
    async prune({ best, back }) {
      const newest = positionsOf("checkpoint").at(-1);
      const needed = (found: Position): boolean =>
        [newest, back].some((one) => one !== undefined && comparePositions(found, one) === 0);
      await remove("checkpoint", (found) => !needed(found));
      await remove("best", (found) => best !== undefined && comparePositions(found, best) < 0);
    },
  };
}
