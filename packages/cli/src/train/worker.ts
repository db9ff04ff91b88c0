import { pause, requestPause } from "./worker-stop";
import { AwpError, type BackendName, useBackend } from "@awp/core";
import type { TrainConfig } from "./config/schema";
import { loadImages, twoBatches } from "./images";
import type { MethodName } from "./methods";
import { type RunEvent, type RunOutcome, run } from "./run";

/*
 * One training in a process of its own: several that use one core each share a machine, and the parent hears the user
 * while a step is computed. The parent sends a job and then, perhaps, "pause"; when it goes, so does this.
 */

export interface Job {
  readonly method: MethodName;
  readonly config: TrainConfig;
  readonly backend: BackendName;
  readonly directory: string;
  readonly resume: boolean;
  /** Two batches of everything. */
  readonly dryRun: boolean;
}

export type WorkerMessage =
  | { readonly kind: "event"; readonly event: RunEvent }
  | { readonly kind: "outcome"; readonly outcome: RunOutcome }
  | { readonly kind: "error"; readonly message: string };

const send = (message: WorkerMessage): void => void process.send?.(message);

let finished = false;
process.on("disconnect", () => process.exit(finished ? 0 : 1));
process.on("message", (message: Job | "pause") => {
  if (message === "pause") return requestPause();
  work(message)
    .catch((error: unknown) => {
      // What is meant for the user is one line; anything else is a defect and wants its stack.
      const known = AwpError.is(error);
      const { message, stack } = error as Error;
      send({ kind: "error", message: known ? message : (stack ?? message) });
    })
    .finally(() => {
      finished = true;
      process.disconnect();
    });
});

async function work({ method, config, backend, directory, resume, dryRun }: Job): Promise<void> {
  await useBackend(backend);
  const images = await loadImages(config);
  const used = dryRun ? twoBatches(images, config.batchSize) : images;
  const events = run(method, config, used, { directory, resume, reportEvery: dryRun ? 1 : 3, pause });
  for (;;) {
    const next = await events.next();
    if (next.done === true) return send({ kind: "outcome", outcome: next.value });
    send({ kind: "event", event: next.value });
  }
}
