import { type ChildProcess, spawn } from "node:child_process";

/** Where and how a command runs. */
export interface CommandOptions {
  readonly cwd: string;
  /** Added to the environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The seconds after which it is ended; ten minutes if not given. */
  readonly limit?: number;
  /** A command that is meant to fail: its output is returned if it does, and an error thrown if it does not. */
  readonly fails?: boolean;
}

/** A command that ended otherwise than it should. */
class CommandError extends Error {}

const running = new Set<ChildProcess>();

/** Runs a command to its end and returns what it printed; what it complained of, too, where it is meant to fail. */
export async function run(command: string, args: readonly string[], options: CommandOptions): Promise<string> {
  const { limit = 600, fails = false } = options;
  const child = start(command, args, options);
  const printed: Buffer[] = [];
  const all: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => printed.push(chunk));
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => all.push(chunk));
  const timer = setTimeout(() => end(child), limit * 1000);
  const status = await new Promise<number | string>((resolve) => {
    child.once("error", ({ message }) => resolve(message));
    child.once("close", (code, signal) => resolve(code ?? `${signal}, after ${limit} s`));
  });
  clearTimeout(timer);
  if ((status !== 0) !== fails) {
    throw new CommandError(
      `${[command, ...args].join(" ").slice(0, 200)}: ${status}\n${Buffer.concat(all).toString().trim().slice(-2500)}`,
    );
  }
  return Buffer.concat(fails ? all : printed).toString();
}

/** Starts a command in a process group of its own, so that it ends with all that it started. */
export function start(command: string, args: readonly string[], options: CommandOptions): ChildProcess {
  const env = { ...process.env, ...options.environment };
  const child = spawn(command, args, { cwd: options.cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}

/** Ends a command that was started here, and what it started. */
export function end(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL"); // where there are no process groups
  }
}

/** Ends everything that was started here. */
export function endAll(): void {
  for (const child of running) end(child);
}
