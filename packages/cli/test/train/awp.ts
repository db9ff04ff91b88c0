import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../src/bin.ts", import.meta.url));

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface Running {
  /** Sends a signal to the command alone. */
  signal(name: NodeJS.Signals): void;
  /** Sends a signal to all of its processes, as a terminal's Ctrl-C does. */
  signalAll(name: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

/** Starts the real command, from source, in a process group of its own. */
export function start(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Running {
  const node = ["--import", import.meta.resolve("tsx"), "--conditions=@awp/source", bin];
  const child = spawn(process.execPath, [...node, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: "1", ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const written = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].on("data", (text: Buffer) => (written[stream] += text.toString()));
  }
  return {
    signal: (name) => void child.kill(name),
    signalAll: (name) => void process.kill(-(child.pid as number), name),
    ended: once(child, "close").then(([code]) => ({ code: code as number | null, ...written })),
  };
}

/** Runs the command to its end. */
export const awp = (args: readonly string[], cwd: string, env?: NodeJS.ProcessEnv): Promise<Ended> =>
  start(args, cwd, env).ended;
