import { AwpError, type ProcessGroup, useBackend } from "@awp/core";
import { loadImages, twoBatches } from "./images";
import type { Job, WorkerMessage } from "./job";
import { writeResult } from "./result-file";
import { type RunEvent, type RunOutcome, run } from "./run";

/** Does a job, together with the group if there is one, and keeps what the training comes to. */
export async function doJob(
  { training, config, backend, directory, resume, dryRun }: Job,
  pause: AbortSignal,
  onEvent: (event: RunEvent) => void,
  group?: ProcessGroup,
): Promise<RunOutcome> {
  await useBackend(backend);
  const images = await loadImages({ ...config, seed: training.seed });
  const used = dryRun ? twoBatches(images, config.batchSize) : images;
  const options = { directory, resume, reportEvery: dryRun ? 1 : 3, pause, group };
  const events = run(training, config, used, options);
  for (;;) {
    const { done, value } = await events.next();
    if (done !== true) onEvent(value);
    else {
      if (value.kind === "done" && (group?.rank ?? 0) === 0) await writeResult(directory, value.result);
      return value;
    }
  }
}

/** Does a job of a worker and tells of it; what goes wrong is told too. */
export async function work(job: Job, pause: AbortSignal, tell: (message: WorkerMessage) => void): Promise<void> {
  try {
    tell({ kind: "outcome", outcome: await doJob(job, pause, (event) => tell({ kind: "event", event })) });
  } catch (error) {
    // What is meant for the user is one line; anything else is a defect and wants its stack.
    const { message, stack } = error as Error;
    tell({ kind: "error", message: AwpError.is(error) ? message : (stack ?? message) });
  }
}
