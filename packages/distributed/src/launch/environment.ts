import { AwpError } from "@awp/core";
import { firstHost } from "./host-list";

/** The place of a process among those that were started together. */
export interface World {
  /** The number of this process, from 0. */
  readonly rank: number;
  /** How many processes there are; at least 2. */
  readonly size: number;
  /** The number of this process among those of its machine, from 0: the GPU that it takes. */
  readonly localRank: number;
  /** The host on which the processes find each other, and the port there. */
  readonly address: string;
  readonly port: number;
  /** Who listens on that port: rank 0 itself, or the agent that started the processes. */
  readonly store: "own" | "agent";
  /** What this start's keys begin with in the store, so that a start after it finds none of them. */
  readonly prefix: string;
  /** What tells the job from another that comes to the same port. */
  readonly job: string;
  readonly launcher: "torchrun" | "slurm";
}

/** The variables of an environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The place that a launcher's environment variables give to this process; undefined where there is but one.
 *
 * torchrun's `RANK`, `WORLD_SIZE`, `LOCAL_RANK`, `MASTER_ADDR` and `MASTER_PORT` go before those of Slurm, so that
 * `srun torchrun …` means what torchrun says. Of Slurm a step of `srun` counts alone: a batch script and the shell of
 * `salloc` have `SLURM_PROCID` and `SLURM_NTASKS` as well, and are one process each. In a step the address is the first
 * host of its node list and the port one that follows from the job's and the step's number; `MASTER_ADDR` and
 * `MASTER_PORT` go before these.
 *
 * @example
 * const world = readWorld(process.env);
 * console.log(world === undefined ? "alone" : `rank ${world.rank} of ${world.size}`);
 * @throws AwpError that names the variable which is missing, is no number, or contradicts another
 */
export function readWorld(environment: Environment): World | undefined {
  const given = (name: string): string | undefined => environment[name] || undefined;
  if (given("RANK") !== undefined || given("WORLD_SIZE") !== undefined) return ofTorchrun(given);
  if (given("SLURM_STEP_NUM_TASKS") !== undefined) return ofSlurm(given);
  return undefined;
}

type Given = (name: string) => string | undefined;

function ofTorchrun(given: Given): World | undefined {
  const launcher = "torchrun";
  const size = integerIn(given, launcher, "WORLD_SIZE", 1);
  const rank = integerIn(given, launcher, "RANK", 0, size - 1);
  if (size === 1) return undefined;
  const localRank = integerIn(given, launcher, "LOCAL_RANK", 0, size - 1);
  const address = required(given, launcher, "MASTER_ADDR");
  const port = integerIn(given, launcher, "MASTER_PORT", 1, 65_535);
  const place = { rank, size, localRank, address, port, job: given("TORCHELASTIC_RUN_ID") ?? "", launcher } as const;
  if (given("TORCHELASTIC_USE_AGENT_STORE") !== "True") return { ...place, store: "own", prefix: "" };
  const attempt = integerIn(given, launcher, "TORCHELASTIC_RESTART_COUNT", 0);
  const prefix = `/worker/attempt_${attempt}`;
  return { ...place, store: "agent", prefix };
}

function ofSlurm(given: Given): World | undefined {
  const launcher = "slurm";
  const size = integerIn(given, launcher, "SLURM_STEP_NUM_TASKS", 1);
  if (size === 1) return undefined;
  const rank = integerIn(given, launcher, "SLURM_PROCID", 0, size - 1);
  const localRank = integerIn(given, launcher, "SLURM_LOCALID", 0, size - 1);
  const address = given("MASTER_ADDR") ?? firstHost(required(given, launcher, "SLURM_STEP_NODELIST"));
  const port = given("MASTER_PORT") === undefined ? derived() : integerIn(given, launcher, "MASTER_PORT", 1, 65_535);
  const job = `${given("SLURM_JOB_ID") ?? ""}.${given("SLURM_STEP_ID") ?? ""}`;
  return { rank, size, localRank, address, port, store: "own", prefix: "", job, launcher };

  /** A port from 12000 to 31999, below the ports that Linux gives away; jobs and steps one after another have different ones. */
  function derived(): number {
    const job = integerIn(given, launcher, "SLURM_JOB_ID", 0);
    const step = integerIn(given, launcher, "SLURM_STEP_ID", 0);
    return 12_000 + ((7 * job + step) % 20_000);
  }
}

const told = { torchrun: "torchrun sets it", slurm: "srun sets it" } as const;

function required(given: Given, launcher: World["launcher"], name: string): string {
  const text = given(name);
  if (text !== undefined) return text;
  const by = launcher === "torchrun" ? (given("RANK") === undefined ? "WORLD_SIZE" : "RANK") : "SLURM_STEP_NUM_TASKS";
  throw new AwpError(`${name} is not set, and ${by} is: ${told[launcher]} with the others`);
}

function integerIn(
  given: Given,
  launcher: World["launcher"],
  name: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const text = required(given, launcher, name);
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  const wanted =
    most === Number.MAX_SAFE_INTEGER ? `an integer of at least ${least}` : `an integer from ${least} to ${most}`;
  throw new AwpError(`${name}: got ${JSON.stringify(text)}, want ${wanted}`);
}
