import { AwpError } from "@awp/core";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Duration } from "./figure";

/** What a side process prints, one line of JSON at a time. */
interface Message extends Partial<Duration> {
  readonly ready?: boolean;
  readonly device?: string;
  readonly engine?: string;
  readonly peakMemory?: number;
}

/** A process that has one figure ready and runs it once for each call. */
export interface Side {
  /** What it computes on, in words. */
  readonly device: string;
  /** How, where there is a choice. */
  readonly engine: string | undefined;
  /** Runs the figure once. */
  readonly measure: () => Promise<Duration>;
  /** Ends the process and returns its peak memory in megabytes. */
  readonly end: () => Promise<number>;
  readonly kill: () => void;
}

/** Starts a process and waits until its figure is ready. */
export async function side(command: string, args: readonly string[], threads: number): Promise<Side> {
  const child = spawn(command, args, { env: { ...process.env, ...threadLimits(threads) } });
  const next = messages(child);
  const { device = "", engine } = await next("ready");
  return {
    device,
    engine,
    measure: async () => {
      child.stdin.write("go\n");
      return (await next("seconds")) as Duration;
    },
    end: async () => {
      child.stdin.end();
      return (await next("peakMemory")).peakMemory!;
    },
    kill: () => void child.kill(),
  };
}

/** The same number for the threads of either side, whichever library of BLAS they link. */
function threadLimits(threads: number): Record<string, string> {
  const names = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"];
  return Object.fromEntries(names.map((name) => [name, `${threads}`]));
}

/** Answers with the next message that has a field; libraries print other lines, which are passed over. */
function messages(child: ChildProcessWithoutNullStreams): (field: keyof Message) => Promise<Message> {
  const lines: AsyncIterator<string, undefined> = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let complaint = "";
  child.stderr.on("data", (data: Buffer) => {
    complaint = (complaint + data.toString()).slice(-2000);
  });
  child.stdin.on("error", () => undefined); // the process is gone: the reading side tells why
  const closed = new Promise<string>((resolve) => {
    child.on("error", ({ message }) => resolve(message));
    child.on("close", (code, signal) => resolve(`${signal ?? `exit code ${code}`}: ${complaint.trim()}`));
  });
  return async (field) => {
    for (;;) {
      const line = await lines.next();
      if (line.done === true) throw new AwpError(`${child.spawnfile} ended early, ${await closed}`);
      if (!line.value.startsWith("{")) continue;
      const message = JSON.parse(line.value) as Message;
      if (message[field] !== undefined) return message;
    }
  };
}
