/** Where the processes of a group meet, and which of them this one is. */
export interface JoinOptions {
  /** The machine of rank 0, by its name or number: `MASTER_ADDR`. */
  readonly address: string;
  /** A port there that is free, or the launcher's store: `MASTER_PORT`. */
  readonly port: number;
  /** The number of this process among the others, from 0: `RANK`. */
  readonly rank: number;
  /** How many processes there are: `WORLD_SIZE`. */
  readonly size: number;
  /**
   * How long to wait for the others in each collective, in milliseconds.
   * @default 300_000
   */
  readonly timeout?: number;
  /**
   * How long to wait until all have come, and then until all are connected, in milliseconds: machines may be slow to
   * start.
   * @default 300_000
   */
  readonly joinTimeout?: number;
  /**
   * Who keeps the store that the processes find one another by: rank 0, or the launcher's agent, as torchrun's does
   * where it says so in `TORCHELASTIC_USE_AGENT_STORE`.
   * @default "own"
   */
  readonly store?: "own" | "agent";
  /**
   * What stands before all keys in the store, where others use it too.
   * @default ""
   */
  readonly prefix?: string;
  /**
   * A name of the job, such as `SLURM_JOB_ID`: a process of another job that comes to the same port is turned away.
   * @default ""
   */
  readonly job?: string;
}

/** The addon's own form of the options. */
export interface World {
  readonly address: string;
  readonly port: number;
  readonly rank: number;
  readonly size: number;
  readonly timeout: number;
  readonly joinTimeout: number;
  readonly prefix: string;
  readonly job: string;
  readonly keptByLauncher: number;
  /** Whether this is a worker thread, with which the group ends; else it ends with the process. */
  readonly inWorker: number;
}

/** The options with their defaults; throws what is wrong with them. */
export function checkedOptions(options: JoinOptions, isMainThread: boolean): World {
  const {
    address,
    port,
    rank,
    size,
    timeout = 300_000,
    joinTimeout = 300_000,
    store = "own",
    prefix = "",
    job = "",
  } = options;
  check(typeof address === "string" && address !== "", "address", address, "the name of a machine");
  check(isInteger(port, 1, 65_535), "port", port, "an integer from 1 to 65535");
  check(isInteger(size, 1, 256), "size", size, "an integer from 1 to 256");
  check(isInteger(rank, 0, size - 1), "rank", rank, `an integer from 0 to ${size - 1}`);
  const milliseconds = "a whole number of milliseconds above 0";
  check(isInteger(timeout, 1, 2 ** 31 - 1), "timeout", timeout, milliseconds);
  check(isInteger(joinTimeout, 1, 2 ** 31 - 1), "joinTimeout", joinTimeout, milliseconds);
  check(store === "own" || store === "agent", "store", store, '"own" or "agent"');
  check(typeof prefix === "string" && !prefix.includes("\n"), "prefix", prefix, "a string of one line");
  check(typeof job === "string" && !job.includes("\n"), "job", job, "a string of one line");
  return {
    ...{ address, port, rank, size, timeout, joinTimeout, prefix, job },
    keptByLauncher: Number(store === "agent"),
    inWorker: Number(!isMainThread),
  };
}

function check(right: boolean, name: string, given: unknown, wanted: string): void {
  if (!right) throw new Error(`joinProcessGroup: ${name}: got ${JSON.stringify(given)}, want ${wanted}`);
}

function isInteger(value: unknown, low: number, high: number): boolean {
  return Number.isInteger(value) && (value as number) >= low && (value as number) <= high;
}
