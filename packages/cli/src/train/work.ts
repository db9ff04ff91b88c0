import { AwpError, useBackend } from "@awp/core";
import { loadImages, twoBatches } from "./images";
import type { Job, WorkerMessage } from "./job";
import { run } from "./run";

/** Does a job and tells of it; what goes wrong is told too. */
export async function work(job: Job, pause: AbortSignal, tell: (message: WorkerMessage) => void): Promise<void> {
  const { training, config, backend, directory, resume, dryRun } = job;
  try {
    await useBackend(backend);
    const images = await loadImages({ ...config, seed: training.seed });
    const used = dryRun ? twoBatches(images, config.batchSize) : images;
    const events = run(training, config, used, { directory, resume, reportEvery: dryRun ? 1 : 3, pause });
    for (;;) {
      const next = await events.next();
      if (next.done === true) return tell({ kind: "outcome", outcome: next.value });
      tell({ kind: "event", event: next.value });
    }
  } catch (error) {
    // What is meant for the user is one line; anything else is a defect and wants its stack.
    const { message, stack } = error as Error;
    tell({ kind: "error", message: AwpError.is(error) ? message : (stack ?? message) });
  }
}
