import { AwpError, type BackendName, useBackend } from "@awp/core";
import type { Method } from "./method";
import { type RunEvent, type RunResult, run } from "./run";
import type { Settings } from "./settings";

/*
 * One training in a process of its own, so that two single-threaded ones can share a machine. The parent sends a job
 * and receives the events; when the parent goes, so does this.
 */

export interface Job {
  readonly method: Method;
  readonly settings: Settings;
  readonly backend: BackendName;
  readonly directory: string;
  readonly resume: boolean;
}

export type WorkerMessage =
  | { readonly kind: "event"; readonly event: RunEvent }
  | { readonly kind: "result"; readonly result: RunResult }
  | { readonly kind: "error"; readonly message: string };

const send = (message: WorkerMessage): void => void process.send?.(message);

process.on("disconnect", () => process.exit(1));
process.once("message", (job: Job) => {
  work(job)
    .catch((error: unknown) => {
      // What is meant for the user is one line; anything else is a defect and wants its stack.
      const known = AwpError.is(error);
      const { message, stack } = error as Error;
      send({ kind: "error", message: known ? message : (stack ?? message) });
    })
    .finally(() => process.disconnect());
});

async function work({ method, settings, backend, directory, resume }: Job): Promise<void> {
  await useBackend(backend);
  const events = run(method, settings, { directory, resume });
  for (;;) {
    const next = await events.next();
    if (next.done === true) return send({ kind: "result", result: next.value });
    send({ kind: "event", event: next.value });
  }
}
