import { deserialize, serialize } from "node:v8";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";

/** What a thread is to do. */
export interface Task {
  readonly rank: number;
  readonly room: Room;
  readonly module: string;
  readonly task: string;
  readonly argument: unknown;
}

/** What it came to. */
export type Told = { readonly value: unknown } | { readonly failure: Failure };

/** An error in parts: a clone of one would lose its name. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

/** The memory in which ranks meet, and how long they wait there, in milliseconds. */
export interface Room {
  readonly size: number;
  readonly patience: number;
  /** [arrivals, rounds, 1 + the rank that is gone] */
  readonly doors: Int32Array;
  /** The bytes that each rank has in its slot. */
  readonly lengths: Int32Array;
  readonly slots: readonly Uint8Array[];
}

/** The group as a rank sees it: core's `ProcessGroup`, and a way to tell the others of one's end. */
export interface RankGroup {
  readonly rank: number;
  readonly size: number;
  allReduce(tensors: readonly Tensor[], what?: string): Tensor[];
  broadcast(tensors: readonly Tensor[], what?: string): Tensor[];
  allGather<T>(value: T, what?: string): Promise<readonly T[]>;
  barrier(what?: string): Promise<void>;
  leave(): void;
}

const [arrivals, rounds, gone] = [0, 1, 2];

/** So much a rank can say at once. */
const slotBytes = 2 ** 22;

export function anteroom(size: number, patience: number): Room {
  const words = (count: number) => new Int32Array(new SharedArrayBuffer(4 * count));
  const slots = Array.from({ length: size }, () => new Uint8Array(new SharedArrayBuffer(slotBytes)));
  return { size, patience, doors: words(3), lengths: words(size), slots };
}

/** What a rank lays in its slot. */
interface Laid {
  readonly what: string;
  readonly value: unknown;
}

export function rankGroup(room: Room, rank: number): RankGroup {
  const { size, patience, doors, lengths, slots } = room;
  const missing = (what: string) => new Error(`rank ${rank} waits for the others in "${what}" for ${patience} ms`);

  function requireAll(what: string): void {
    const who = Atomics.load(doors, gone) - 1;
    if (who >= 0 && who !== rank) throw new Error(`rank ${who} is gone; rank ${rank} waits in "${what}"`);
  }

  /** Comes to the door; the round that ends once all have. */
  function arrive(): number {
    const round = Atomics.load(doors, rounds);
    if (Atomics.add(doors, arrivals, 1) === size - 1) {
      Atomics.store(doors, arrivals, 0);
      Atomics.add(doors, rounds, 1);
      Atomics.notify(doors, rounds);
    }
    return round;
  }

  function meet(what: string): void {
    const round = arrive();
    while (Atomics.load(doors, rounds) === round) {
      requireAll(what);
      if (Atomics.wait(doors, rounds, round, patience) === "timed-out") throw missing(what);
    }
  }

  async function meetLater(what: string): Promise<void> {
    const [round, end] = [arrive(), performance.now() + patience];
    while (Atomics.load(doors, rounds) === round) {
      requireAll(what);
      if (performance.now() > end) throw missing(what);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }

  function lay(what: string, value: unknown): void {
    const bytes = serialize({ what, value } satisfies Laid);
    if (bytes.length > slotBytes) throw new Error(`"${what}" has ${bytes.length} bytes, of at most ${slotBytes}`);
    slots[rank]?.set(bytes);
    lengths[rank] = bytes.length;
  }

  function laid<T>(what: string): readonly T[] {
    const all = slots.map((slot, index) => deserialize(slot.slice(0, lengths[index])) as Laid);
    for (const [other, each] of all.entries()) {
      if (each.what !== what) throw new Error(`rank ${rank} is at "${what}", rank ${other} at "${each.what}"`);
    }
    return all.map(({ value }) => value as T);
  }

  /** What each rank lays, by rank. All have taken it before any lays again. */
  function exchanged<T>(what: string, value: T): readonly T[] {
    lay(what, value);
    meet(what);
    const all = laid<T>(what);
    meet(what);
    return all;
  }

  const described = (kind: string, tensors: readonly Tensor[], what = "") =>
    `${kind} ${what} ${tensors.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(" ")}`;
  const values = (tensors: readonly Tensor[]) => tensors.map((tensor) => tensor.dataSync());

  return {
    rank,
    size,
    allReduce(tensors, what) {
      const all = exchanged(described("allReduce", tensors, what), values(tensors));
      return tensors.map(({ shape }, index) => {
        const sum = Float32Array.from(all[0]?.[index] as Float32Array);
        for (const other of all.slice(1)) (other[index] as Float32Array).forEach((value, at) => (sum[at]! += value));
        return tf.tensor(sum, shape, "float32");
      });
    },
    broadcast(tensors, what) {
      const [first] = exchanged(described("broadcast", tensors, what), rank === 0 ? values(tensors) : []);
      return tensors.map(({ dtype, shape }, index) => tf.tensor(first?.[index] as Float32Array, shape, dtype));
    },
    async allGather<T>(value: T, what = "") {
      lay(`allGather ${what}`, value);
      await meetLater(what);
      const all = laid<T>(`allGather ${what}`);
      await meetLater(what);
      return all;
    },
    barrier: (what = "barrier") => meetLater(what),
    leave() {
      if (Atomics.compareExchange(doors, gone, 0, rank + 1) === 0) Atomics.notify(doors, rounds);
    },
  };
}
