import { AwpError } from "@awp/core";
import { fork } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunEvent, RunOutcome } from "./run";
import type { Stop } from "../terminal/signals";
import type { Job, WorkerMessage } from "./job";
import { pathOf } from "./training";

export interface WorkersOptions {
  /** How many run at once. */
  readonly parallel: number;
  readonly stop: Pick<Stop, "pause" | "kill">;
  readonly onEvent: (job: Job, event: RunEvent) => void;
  readonly onOutcome: (job: Job, outcome: RunOutcome) => void;
}

/** What a training comes to that has not begun. */
export const atTheStart: RunOutcome = { kind: "paused", at: { epoch: 0, step: 0 } };

/**
 * Runs each job in a process of its own; what they came to, in their order. After the first error the others are paused,
 * and it is thrown once they have ended.
 */
export async function runWorkers(
  jobs: readonly Job[],
  { parallel, stop, onEvent, onOutcome }: WorkersOptions,
): Promise<readonly RunOutcome[]> {
  const failed = new AbortController();
  const pause = AbortSignal.any([stop.pause, failed.signal]);
  const waiting = jobs.entries();
  const outcomes: RunOutcome[] = [];
  const lane = async (): Promise<void> => {
    for (const [i, job] of waiting) {
      outcomes[i] = pause.aborted
        ? atTheStart
        : await inProcess(job, { pause, kill: stop.kill }, (event) => onEvent(job, event));
      onOutcome(job, outcomes[i]);
    }
  };
  const lanes = Array.from({ length: Math.min(parallel, jobs.length) }, () =>
    lane().catch((error: unknown) => {
      failed.abort();
      throw error;
    }),
  );
  const ended = await Promise.allSettled(lanes);
  for (const each of ended) if (each.status === "rejected") throw each.reason;
  return outcomes;
}

async function inProcess(
  job: Job,
  { pause, kill }: WorkersOptions["stop"],
  onEvent: (event: RunEvent) => void,
): Promise<RunOutcome> {
  const worker = new URL(`worker${extname(import.meta.url)}`, import.meta.url);
  // Nothing but results goes to standard output, and results are the parent's.
  const child = fork(fileURLToPath(worker), { stdio: ["ignore", process.stderr.fd, "inherit", "ipc"] });
  const sendPause = (): void => void (child.connected && child.send("pause"));
  const sendKill = (): void => void child.kill("SIGKILL");
  let outcome: RunOutcome | AwpError | undefined;
  child.on("message", (message: WorkerMessage) => {
    if (message.kind === "event") onEvent(message.event);
    else
      outcome =
        message.kind === "outcome" ? message.outcome : new AwpError(`${pathOf(job.training)}: ${message.message}`);
  });
  pause.addEventListener("abort", sendPause);
  kill.addEventListener("abort", sendKill);
  try {
    child.send(job);
    // Both: what it has sent last may arrive after its end.
    const [exit] = await Promise.all([once(child, "exit"), once(child, "disconnect")]);
    const [code, by] = exit as [number | null, NodeJS.Signals | null];
    // Ended by the signal itself, while it was loading: what is stored is as good as before.
    if (by !== null && pause.aborted) outcome ??= atTheStart;
    outcome ??= new AwpError(`${pathOf(job.training)}: its process ended with ${by ?? code}`);
    if (outcome instanceof AwpError) throw outcome;
    return outcome;
  } finally {
    pause.removeEventListener("abort", sendPause);
    kill.removeEventListener("abort", sendKill);
  }
}
