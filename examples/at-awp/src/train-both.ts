import { AwpError } from "@awp/core";
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Method, methods } from "./method";
import type { RunEvent, RunResult } from "./run";
import type { Job, WorkerMessage } from "./worker";

/** Runs both methods, `jobs` at a time, each in a process of its own; the first error ends the other too. */
export async function trainBoth(
  jobOf: (method: Method) => Job,
  jobs: number,
  onEvent: (method: Method, event: RunEvent) => void,
): Promise<readonly RunResult[]> {
  const abort = new AbortController();
  const start = (method: Method): Promise<RunResult> =>
    inProcess(jobOf(method), (event) => onEvent(method, event), abort.signal).catch((error: unknown) => {
      abort.abort();
      throw error;
    });
  if (jobs > 1) return Promise.all(methods.map(start));
  const results: RunResult[] = [];
  for (const method of methods) results.push(await start(method));
  return results;
}

function inProcess(job: Job, onEvent: (event: RunEvent) => void, signal: AbortSignal): Promise<RunResult> {
  const child = fork(fileURLToPath(new URL("worker.ts", import.meta.url)), {
    signal,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  return new Promise((resolve, reject) => {
    child.on("message", (message: WorkerMessage) => {
      if (message.kind === "event") onEvent(message.event);
      else if (message.kind === "result") resolve(message.result);
      else reject(new AwpError(`${job.method}: ${message.message}`));
    });
    child.on("error", reject);
    child.on("exit", (code, by) => reject(new AwpError(`${job.method}: the process ended with ${by ?? code}`)));
    child.send(job);
  });
}
