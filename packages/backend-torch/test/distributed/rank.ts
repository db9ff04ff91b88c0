// What each process of a test does, by the name of a scenario: `rank.ts NAME`. It prints what it found as JSON.
import { isMainThread, Worker } from "node:worker_threads";
import * as tf from "@tensorflow/tfjs-core";
import {
  CollectiveError,
  type JoinOptions,
  joinProcessGroup,
  type TorchBackend,
  type TorchProcessGroup,
} from "@awp/backend-torch";
import * as shapes from "./shapes";

const rank = Number(process.env["RANK"]);
const size = Number(process.env["WORLD_SIZE"]);

const join = (timeout = 20_000, options: Partial<JoinOptions> = {}): Promise<TorchProcessGroup> =>
  joinProcessGroup({
    ...{ address: "127.0.0.1", port: Number(process.env["MASTER_PORT"]), rank, size, timeout, joinTimeout: timeout },
    ...options,
  });

const values = (tensors: readonly tf.Tensor[]): number[][] =>
  tensors.map((tensor) => Array.from(tensor.dataSync<"float32">()));

function sleepInStep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** What a call fails with. */
async function failure(call: () => unknown): Promise<object> {
  const start = performance.now();
  try {
    await call();
    return { failed: false };
  } catch (error) {
    const seconds = (performance.now() - start) / 1000;
    if (!(error instanceof CollectiveError)) return { failed: true, message: (error as Error).message, seconds };
    const { message, collective, missing } = error;
    return { failed: true, message, collective, missing, rank: error.rank, lasted: error.seconds, seconds };
  }
}

const failures: Readonly<Record<string, { timeout?: number; fail: (group: TorchProcessGroup) => unknown }>> = {
  shapes: {
    fail: (group) => group.allReduce([tf.zeros([2000]), tf.zeros(rank === 1 ? [2, 4] : [2, 3])], "gradients"),
  },
  kinds: {
    fail: (group) =>
      rank === 1 ? group.broadcast([tf.zeros([2])], "weights") : group.allReduce([tf.zeros([2])], "sums"),
  },
  leaves: {
    fail: (group) =>
      rank === 1 ? group.leave(new Error("the loss is NaN\nat step 3")) : group.allReduce([tf.zeros([2])], "gradients"),
  },
  late: {
    timeout: 1500,
    fail(group) {
      if (rank === 1) sleepInStep(8000);
      return group.barrier("metrics");
    },
  },
};

const scenarios: Readonly<Record<string, () => Promise<unknown>>> = {
  async collectives() {
    await tf.setBackend("torch");
    const group = await join();
    const before = { js: tf.memory().numTensors, native: torch().stats().tensors };
    const found: Record<string, unknown> = {};
    for (const [name, list] of Object.entries(shapes.lists)) {
      const own = shapes.tensorsOf(list, rank);
      const copies = shapes.bits(own);
      const sums = group.allReduce(own, name);
      const first = group.broadcast(own, name);
      found[name] = {
        shapes: sums.map(({ shape, dtype }) => [shape, dtype]),
        sums: shapes.digest(sums),
        first: shapes.digest(first),
        bits: shapes.bits(sums),
        inputsKept: shapes.bits(own) === copies,
      };
      tf.dispose([own, sums, first]);
    }
    const kept = { js: tf.memory().numTensors, native: torch().stats().tensors };
    return { found, before, kept, ...(await more(group)) };
  },

  /** On a backend that is not torch. */
  async elsewhere() {
    await import("@tensorflow/tfjs-backend-cpu");
    await tf.setBackend("cpu");
    const group = await join();
    const [sum, none] = group.allReduce([tf.tensor2d([[rank, 1]]), tf.zeros([0, 2])], "values");
    const first = group.broadcast([tf.scalar(rank, "int32"), tf.tensor1d([rank === 0, true], "bool"), tf.scalar(-0)]);
    return {
      backend: tf.getBackend(),
      shapes: [sum?.shape, none?.shape],
      sum: values([sum as tf.Tensor]),
      first: values(first),
      types: first.map(({ dtype }) => dtype),
      signKept: Object.is(first[2]?.dataSync()[0], -0),
    };
  },

  /** Groups that fail, one after the other, and what each rank is told. */
  async failures() {
    await tf.setBackend("torch");
    const found: Record<string, object> = {};
    for (const [name, { timeout, fail }] of Object.entries(failures)) {
      const group = await join(timeout, { joinTimeout: 20_000 }); // who was not to blame comes after a diagnosis
      await group.barrier("start");
      found[name] = await failure(() => fail(group));
      if (!(name === "leaves" && rank === 1)) await group.leave();
    }
    return found;
  },

  /** One rank is killed while the others wait for it. */
  async killed() {
    await tf.setBackend("torch");
    const group = await join(30_000);
    await group.barrier();
    if (rank === Number(process.env["VICTIM"])) {
      sleepInStep(300);
      process.kill(process.pid, "SIGKILL");
    }
    const sum = await failure(() => group.allReduce([tf.ones([3_000_000])], "gradients"));
    const later = await failure(() => group.barrier("end"));
    return { sum, later };
  },

  /** What a value that rank 0 alone has takes of a rank's memory at most, in its lengths. */
  async memory() {
    const length = 2 ** 25;
    const group = await join();
    const before = process.resourceUsage().maxRSS;
    const [first, second] = await group.allGather(rank === 0 ? new Uint8Array(length).fill(7) : undefined);
    const taken = (1024 * (process.resourceUsage().maxRSS - before)) / length;
    return { taken, right: first?.at(-1) === 7 && first.length === length && !second };
  },

  /** Processes of other sizes and jobs, and two of one number, on ports of their own. */
  async strangers() {
    const [sizes, jobs, twins] = JSON.parse(process.env["PORTS"] as string) as [number, number, number];
    const two = rank < 2;
    return [
      two ? await failure(() => join(8000, { port: sizes, size: rank === 0 ? 2 : 3 })) : null,
      two ? await failure(() => join(3000, { port: jobs, size: 2, job: rank === 0 ? "17" : "18" })) : null,
      await failure(() => join(8000, { port: twins, rank: Math.min(rank, 1) })),
    ];
  },

  /** Groups in worker threads, one after the other. */
  async workers() {
    if (!isMainThread) {
      const group = await join();
      await group.barrier();
      process.exit(5);
    }
    const codes: number[] = [];
    for (let i = 0; i < 2; i++) {
      const worker = new Worker(new URL(import.meta.url), { argv: ["workers"] });
      codes.push(await new Promise((resolve, reject) => worker.on("exit", resolve).on("error", reject)));
    }
    return codes;
  },

  /** A worker thread that ends while it waits in the background, and a process that goes on. */
  async abandoned() {
    if (!isMainThread) {
      const group = await join();
      void group.allGather(rank, "values");
      setTimeout(() => process.exit(5), 100);
    } else if (rank === 0) {
      const worker = new Worker(new URL(import.meta.url), { argv: ["abandoned"] });
      const code = await new Promise((resolve, reject) => worker.on("exit", resolve).on("error", reject));
      sleepInStep(3000);
      return code;
    } else {
      const group = await join();
      sleepInStep(1500);
      await failure(() => group.allGather(rank, "values"));
    }
    return undefined;
  },

  /** The process ends while it waits in the background. */
  async exits() {
    const group = await join();
    await group.barrier();
    if (rank === 1) sleepInStep(4000);
    else {
      void group.allGather(rank, "never");
      setTimeout(() => process.exit(4), 50);
    }
    return undefined;
  },
};

function torch(): TorchBackend {
  return tf.backend() as unknown as TorchBackend;
}

async function more(group: TorchProcessGroup): Promise<object> {
  // Some calls at once, answered in their order.
  const order: number[] = [];
  const gathers = Array.from({ length: 5 }, async (_, i) => {
    const all = await group.allGather({
      i,
      rank,
      list: new Float32Array(rank === 1 ? 100_000 : i),
      map: new Map([[i, rank]]),
    });
    order.push(i);
    return all.map((value) => [value.i, value.rank, value.list.length, value.map.get(i)]);
  });
  const between = values(group.allReduce([tf.scalar(1)], "between"));
  const gathered = await Promise.all(gathers);

  // A recorded step: sums that feed a variable, replayed.
  const weight = tf.variable(tf.tensor1d([1, 2]));
  const step = torch().recordStep((inputs) =>
    tf.tidy(() => {
      const sums = group.allReduce([tf.mul(inputs[0] as tf.Tensor, weight)], "gradients");
      weight.assign(tf.add(weight, sums[0] as tf.Tensor) as tf.Tensor1D);
      return sums;
    }),
  );
  const replayed: number[][] = [];
  for (let call = 0; call < 6; call++) {
    const outputs = step.run([tf.tensor1d([rank, call])]);
    replayed.push(values(outputs)[0] as number[]);
  }
  // Filters that one rank holds in another order.
  const filter = tf.tensor4d(
    Array.from({ length: 3 * 3 * 40 * 10 }, (_, i) => i + rank),
    [3, 3, 40, 10],
  );
  if (rank === 0) tf.conv2d(tf.zeros([1, 8, 8, 40]) as tf.Tensor4D, filter, 1, "same");
  const [ordered] = group.allReduce([filter], "filters") as [tf.Tensor];
  await group.leave();
  const again = await join();
  const afterwards = values(again.allReduce([tf.scalar(rank)]));
  const second = await failure(() => join());
  await again.leave();
  const left = await failure(() => again.allReduce([tf.scalar(1)]));
  return { order, gathered, between, replayed, ordered: values([ordered])[0]?.slice(0, 5), afterwards, second, left };
}

process.stdout.write(JSON.stringify(await scenarios[process.argv[2] as string]?.()) ?? "");
