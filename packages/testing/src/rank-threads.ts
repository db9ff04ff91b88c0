import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { type Bundle, bundle } from "./bundle";
import { anteroom, type Failure, type Task, type Told } from "./rank-group";

/** Threads that stand in for the processes of a group; end them with `close`. */
export interface RankThreads {
  /**
   * Calls a function of a module in so many threads at once, with a group of that size and the argument, which must be
   * one that can be cloned structurally; what each comes to, by rank. Where one fails, the others fail in what they wait
   * for, and the first error is thrown.
   */
  run<T>(size: number, module: URL, task: string, argument?: unknown): Promise<T[]>;
  /** {@link RankThreads.run}, with the message of each rank's error in the place of what it came to. */
  settle<T>(size: number, module: URL, task: string, argument?: unknown): Promise<(T | Error)[]>;
  close(): Promise<void>;
}

/** So long a rank waits for the others. */
const patience = 60_000;

/**
 * Up to `most` threads with TensorFlow.js's backend of plain JavaScript, unless a function chooses another, each loaded
 * once and used by one run after the other. They reduce through memory that they share, in the order of their ranks, and
 * hold one another to the same collectives of the same shapes.
 */
export function rankThreads(most: number): RankThreads {
  const bundles = new Map<string, Promise<Bundle>>();
  const bundled = async (module: URL): Promise<string> => {
    const known = bundles.get(module.href) ?? bundle([fileURLToPath(module)]);
    bundles.set(module.href, known);
    return (await known).paths[0] as string;
  };
  const workers: Worker[] = [];
  const workerOf = (rank: number, script: string): Worker => {
    workers[rank] ??= new Worker(script);
    return workers[rank];
  };

  async function settle<T>(size: number, module: URL, task: string, argument?: unknown): Promise<(T | Error)[]> {
    if (size > most) throw new Error(`${size} ranks of at most ${most}`);
    const script = await bundled(new URL("rank-thread.ts", import.meta.url));
    const room = anteroom(size, patience);
    const order: Omit<Task, "rank"> = { room, module: await bundled(module), task, argument };
    const told = Array.from({ length: size }, (_, rank) => answerOf(workerOf(rank, script), { ...order, rank }));
    return (await Promise.all(told)).map((each) => ("failure" in each ? errorOf(each.failure) : (each.value as T)));
  }

  return {
    settle,
    async run<T>(size: number, module: URL, task: string, argument?: unknown) {
      const outcomes = await settle<T>(size, module, task, argument);
      const failures = outcomes.filter((each) => each instanceof Error);
      const [first] = [...failures.filter(({ message }) => !message.includes("is gone")), ...failures];
      if (first !== undefined) throw first;
      return outcomes as T[];
    },
    async close() {
      await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
      for (const made of bundles.values()) (await made).remove();
    },
  };
}

function answerOf(worker: Worker, task: Task): Promise<Told> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (told: Told) => {
      worker.off("error", reject);
      resolve(told);
    });
    worker.postMessage(task);
  });
}

function errorOf({ name, message, stack }: Failure): Error {
  return Object.assign(new Error(message), { name, stack });
}
