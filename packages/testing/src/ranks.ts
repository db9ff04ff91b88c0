import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { bundle } from "./bundle";

/** How the process of one rank ended. */
export interface RankEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** How long it lived. */
  readonly seconds: number;
}

/** The processes of a job, which run. */
export interface Ranks {
  readonly children: readonly ChildProcess[];
  /** Fulfilled when all have ended, by rank. What outlives the limit is killed, and ends by SIGKILL. */
  readonly ended: Promise<readonly RankEnd[]>;
}

/** What to launch. */
export interface LaunchOptions {
  /** How many processes. */
  readonly size: number;
  /**
   * After how many milliseconds those that still run are killed.
   * @default 60_000
   */
  readonly limit?: number;
  /** A free port by default. */
  readonly port?: number;
  /** More variables, for all or by rank. */
  readonly env?: NodeJS.ProcessEnv | ((rank: number) => NodeJS.ProcessEnv);
  /** What to put before each rank's command: that it runs on one of `hosts`, for example. */
  readonly on?: (rank: number) => readonly string[];
}

/**
 * Starts Node with these arguments once for each rank, with the variables of torchrun: RANK, LOCAL_RANK, WORLD_SIZE,
 * MASTER_ADDR and MASTER_PORT. A program in TypeScript is bundled first.
 *
 * @example
 * const { ended } = await launchRanks(["program.ts"], { size: 2 });
 * expect((await ended).map(({ code }) => code)).toEqual([0, 0]);
 */
export async function launchRanks(args: readonly string[], options: LaunchOptions): Promise<Ranks> {
  const { size, limit = 60_000, env = {}, on = () => [] } = options;
  const port = options.port ?? (await freePort());
  const [program = "", ...others] = args;
  const bundled = program.endsWith(".ts") ? await bundle([program]) : undefined;
  const node = [...(bundled?.paths ?? [program]), ...others];
  const children = Array.from({ length: size }, (_, rank) => {
    const variables = { RANK: rank, LOCAL_RANK: rank, WORLD_SIZE: size, MASTER_ADDR: "127.0.0.1", MASTER_PORT: port };
    const own = typeof env === "function" ? env(rank) : env;
    const texts = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
    const [command, ...words] = [...on(rank), process.execPath, ...node] as [string, ...string[]];
    return spawn(command, words, {
      // The ranks of a test share its cores.
      env: { ...process.env, OMP_NUM_THREADS: "1", ...texts, ...own },
      stdio: ["ignore", "pipe", "pipe"],
    });
  });
  const killAll = (): void => children.forEach((child) => void child.kill("SIGKILL"));
  const timer = setTimeout(killAll, limit);
  process.once("exit", killAll);
  const ended = Promise.all(children.map(endOf)).finally(() => {
    clearTimeout(timer);
    process.off("exit", killAll);
    bundled?.remove();
  });
  return { children, ended };
}

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function endOf(child: ChildProcess): Promise<RankEnd> {
  const start = performance.now();
  const written = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream]?.setEncoding("utf8").on("data", (text: string) => (written[stream] += text));
  }
  return new Promise((resolve) => {
    child.on("close", (code, signal) => {
      resolve({ code, signal, ...written, seconds: (performance.now() - start) / 1000 });
    });
  });
}
