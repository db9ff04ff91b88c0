import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { availableParallelism } from "node:os";
import type { World } from "@awp/distributed";
import { type ExitCode, exitCodes } from "../exit-code";
import { sameKeyPress, stopSignals } from "../terminal/signals";
import type { Terminal } from "../terminal/terminal";
import { UsageError } from "../usage-error";
import { type ErrorMessage, errorsOf } from "./errors";

/** Milliseconds that the others have to end by themselves after one has failed, or after a second Ctrl-C. */
const usualPatience = { failed: 10_000, interrupted: 1000 };

/**
 * Starts this command in so many processes on this machine, with torchrun's variables, and waits for all of them. Rank 0
 * has the terminal. What it ends with is rank 0's exit code, or that of the first that failed; the others are killed a
 * while after that.
 *
 * @throws UsageError where this process has a place in a world: another launcher has started it with others already.
 */
export async function launch(
  processes: number,
  terminal: Terminal,
  world: World | undefined,
  patience = usualPatience,
): Promise<ExitCode> {
  if (world !== undefined) {
    const launcher = world.launcher === "slurm" ? "srun" : "torchrun";
    throw new UsageError(
      `--processes starts processes of its own, and ${launcher} has done that already: leave it out`,
    );
  }
  const shared = await sharedVariables(processes);
  const errors = errorsOf(terminal);
  const running = new Map<number, ChildProcess>();
  const signalAll = (signal: NodeJS.Signals): void => {
    for (const child of running.values()) child.kill(signal);
  };
  const killAll = (): void => signalAll("SIGKILL");
  let deadline: NodeJS.Timeout | undefined;
  const killAfter = (milliseconds: number): void => void (deadline ??= setTimeout(killAll, milliseconds));

  let failed: ExitCode | undefined;
  let interrupted = Number.POSITIVE_INFINITY;
  // A Ctrl-C has reached them already: they take two signals at once for one.
  const passed = new Set<NodeJS.Signals>();
  const pass = (signal: NodeJS.Signals): void => {
    passed.add(signal);
    signalAll(signal);
    if (signal !== "SIGINT") return;
    if (performance.now() - interrupted > sameKeyPress) {
      failed ??= exitCodes.interrupted;
      killAfter(patience.interrupted);
    }
    interrupted = Math.min(interrupted, performance.now());
  };
  for (const signal of stopSignals) process.on(signal, pass);
  // Whatever ends this process, none of the others stays; where it is killed, they notice by themselves.
  process.on("exit", killAll);

  const ended = async (rank: number, child: ChildProcess): Promise<ExitCode> => {
    child.on("message", ({ error }: ErrorMessage) => errors.add(rank, error));
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    running.delete(rank);
    // By a signal that was meant for all: where there is nothing to keep they do not listen.
    const exitCode = signal !== null && passed.has(signal) ? exitCodes.interrupted : exitCodeOf(code);
    if (exitCode !== exitCodes.failed && exitCode !== exitCodes.usage) return exitCode;
    errors.ended(rank, signal ?? `code ${code}`, deadline !== undefined);
    // Rank 0's goes before, unless it was killed here.
    if (rank === 0 && signal === null) failed = exitCode;
    failed ??= exitCode;
    killAfter(patience.failed);
    return exitCode;
  };
  try {
    for (let rank = 0; rank < processes; rank++) {
      running.set(rank, start(rank, shared));
    }
    const [first] = await Promise.all([...running].map(([rank, child]) => ended(rank, child)));
    errors.say();
    return failed ?? (first as ExitCode);
  } finally {
    clearTimeout(deadline);
    process.removeListener("exit", killAll);
    for (const signal of stopSignals) process.removeListener(signal, pass);
  }
}

/** What torchrun gives to all processes of one machine. */
async function sharedVariables(processes: number): Promise<NodeJS.ProcessEnv> {
  const threads = Math.max(1, Math.floor(availableParallelism() / processes));
  return {
    OMP_NUM_THREADS: `${threads}`,
    ...process.env,
    WORLD_SIZE: `${processes}`,
    LOCAL_WORLD_SIZE: `${processes}`,
    MASTER_ADDR: "127.0.0.1",
    MASTER_PORT: `${await freePort()}`,
    TORCHELASTIC_RUN_ID: `awp-${process.pid}`,
    TORCHELASTIC_USE_AGENT_STORE: "False",
  };
}

function start(rank: number, shared: NodeJS.ProcessEnv): ChildProcess {
  const own = rank === 0 ? "inherit" : "ignore";
  const [, script = "", ...args] = process.argv;
  return spawn(process.execPath, [...process.execArgv, script, ...withoutProcesses(args)], {
    env: { ...shared, RANK: `${rank}`, LOCAL_RANK: `${rank}` },
    // By the channel they tell of errors, and notice when this process is gone.
    stdio: [own, own, "inherit", "ipc"],
  });
}

/** The command line without the option that led here. */
function withoutProcesses(args: readonly string[]): readonly string[] {
  const at = args.indexOf("--processes");
  const rest = at < 0 ? args : [...args.slice(0, at), ...args.slice(at + 2)];
  return rest.filter((arg) => !arg.startsWith("--processes="));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function exitCodeOf(code: number | null): ExitCode {
  return Object.values(exitCodes).find((each) => each === code) ?? exitCodes.failed;
}
