import { exitCodes } from "../exit-code";
import type { Ranks } from "../ranks/ranks";
import type { Job } from "./job";
import type { RunOutcome } from "./run";
import { atTheStart, type WorkersOptions } from "./workers";

/**
 * Runs the jobs one after the other in this process, together with the other ranks; what they came to, in their order.
 * There is no worker between, as a process alone has: who has started the ranks hears the user while they compute.
 */
export async function runHere(
  jobs: readonly Job[],
  { stop, onEvent, onOutcome }: Omit<WorkersOptions, "parallel">,
  ranks: Ranks,
): Promise<readonly RunOutcome[]> {
  const { doJob } = await import("./work");
  const pause = ranks.agreed(stop.pause);
  const leave = (): never => process.exit(exitCodes.interrupted);
  stop.kill.addEventListener("abort", leave);
  try {
    const outcomes: RunOutcome[] = [];
    for (const job of jobs) {
      const outcome = pause.aborted ? atTheStart : await doJob(job, pause, (event) => onEvent(job, event), ranks.group);
      outcomes.push(outcome);
      onOutcome(job, outcome);
    }
    return outcomes;
  } finally {
    stop.kill.removeEventListener("abort", leave);
  }
}
