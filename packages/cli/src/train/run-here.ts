import { exitCodes } from "../exit-code";
import type { Ranks } from "../ranks/ranks";
import type { Job } from "./job";
import type { RunOutcome } from "./run";
import { atTheStart, type WorkersOptions } from "./workers";

/**
 * Runs the jobs one after the other in this process, together with the other ranks; what they came to, in their order.
 * There is no worker between, as a process alone has: who has started the ranks hears the user while they compute. The
 * pause is to be that of all ranks.
 */
export async function runHere(
  jobs: readonly Job[],
  { stop: { pause, kill }, onEvent, onOutcome }: Omit<WorkersOptions, "parallel">,
  { group }: Pick<Ranks, "group">,
): Promise<readonly RunOutcome[]> {
  const { doJob } = await import("./work");
  const leave = (): never => process.exit(exitCodes.interrupted);
  kill.addEventListener("abort", leave);
  try {
    const outcomes: RunOutcome[] = [];
    for (const job of jobs) {
      const outcome = pause.aborted ? atTheStart : await doJob(job, pause, (event) => onEvent(job, event), group);
      outcomes.push(outcome);
      onOutcome(job, outcome);
    }
    return outcomes;
  } finally {
    kill.removeEventListener("abort", leave);
  }
}
