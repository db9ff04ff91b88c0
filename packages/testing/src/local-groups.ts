/** A group of ranks as `ProcessGroup` of `@awp/core` has it, but for the collectives on tensors. */
export interface LocalGroup {
  readonly rank: number;
  readonly size: number;
  allReduce(): never;
  broadcast(): never;
  allGather<T>(value: T, what?: string): Promise<readonly T[]>;
  barrier(what?: string): Promise<void>;
}

/**
 * Ranks that are tasks of one process: a gather ends when all have come to it, and fails on all of them where they came
 * to different ones. The collectives on tensors, which wait, have no place here.
 *
 * @example
 * const sums = await Promise.all(
 *   localGroups(3).map(async ({ rank, allGather }) => (await allGather(rank)).reduce((sum, k) => sum + k)), // [3, 3, 3]
 * );
 */
export function localGroups(size: number): LocalGroup[] {
  const meetings: Meeting[] = [];
  const waits = (): never => {
    throw new Error("localGroups: the ranks of one process cannot wait for one another; use allGather");
  };
  return Array.from({ length: size }, (_, rank) => {
    let calls = 0;
    const allGather = async <T>(value: T, what = ""): Promise<readonly T[]> => {
      const meeting = (meetings[calls++] ??= meet(size));
      meeting.come(rank, structuredClone(value), what);
      return structuredClone(await meeting.all) as readonly T[];
    };
    return {
      rank,
      size,
      allReduce: waits,
      broadcast: waits,
      allGather,
      barrier: async (what) => void (await allGather(undefined, what)),
    };
  });
}

interface Meeting {
  readonly all: Promise<readonly unknown[]>;
  come(rank: number, value: unknown, what: string): void;
}

function meet(size: number): Meeting {
  const values: unknown[] = [];
  const names: string[] = [];
  let [end, fail] = [(_: readonly unknown[]): void => undefined, (_: Error): void => undefined];
  const all = new Promise<readonly unknown[]>((resolve, reject) => ([end, fail] = [resolve, reject]));
  return {
    all,
    come(rank, value, what) {
      values[rank] = value;
      names[rank] = what;
      if (Object.keys(names).length < size) return;
      if (names.every((name) => name === what)) end(values);
      else fail(new Error(`the ranks gather different things: ${names.join(", ")}`));
    },
  };
}
