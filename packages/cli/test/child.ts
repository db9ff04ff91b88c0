import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { bundle } from "@awp/testing";
import { afterAll } from "vitest";

/** How a command ended as a process of its own. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess;
  /** Sends a signal to all of its processes, as a terminal's Ctrl-C does. */
  signalAll(name: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

export interface StartOptions {
  /** Where its user stands. */
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

const sources = ["../src/bin.ts", "../src/train/worker.ts"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);
const { paths, remove } = await bundle(sources);
afterAll(remove);

/** The command's file, for Node to run. */
export const awpFile = paths[0] as string;

/** Starts the real command in a process group of its own. */
export function startAwp(args: readonly string[], { cwd, env }: StartOptions = {}): Running {
  const child = spawn(process.execPath, [awpFile, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: "1", ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const written = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => (written[stream] += text));
  }
  return {
    child,
    signalAll: (name) => void process.kill(-(child.pid as number), name),
    ended: new Promise((resolve) => {
      child.on("close", (code, signal) => resolve({ code, signal, ...written }));
    }),
  };
}
