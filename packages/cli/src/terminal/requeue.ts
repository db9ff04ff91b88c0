import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Ranks } from "../ranks/ranks";
import type { Progress } from "./progress";

/** Asks Slurm to start the job again, once for all ranks, where it was its warning that ended the work. */
export async function requeueAfter(
  by: string,
  { rank }: Pick<Ranks, "rank">,
  { note }: Pick<Progress, "note">,
): Promise<void> {
  if (rank === 0 && by.includes("SIGUSR1")) note(await requeue());
}

/** Says in a line what came of it. Slurm ends the job's processes then. */
async function requeue(): Promise<string> {
  const job = jobOf(process.env);
  if (!job) return "--requeue: not in a job of Slurm, so nothing starts it again";
  try {
    await promisify(execFile)("scontrol", ["requeue", job]);
    return `--requeue: job ${job} is queued again`;
  } catch (error) {
    const { stderr, message } = error as { readonly stderr?: string } & Error;
    const why = (stderr?.trim() || message).replaceAll("\n", "; ");
    return `--requeue: Slurm does not queue job ${job} again: ${why}`;
  }
}

/** This job, as Slurm's commands call it. One task of an array has the array's own number, which means all of its tasks. */
function jobOf({ SLURM_ARRAY_JOB_ID: array, SLURM_ARRAY_TASK_ID: task, SLURM_JOB_ID: job }: NodeJS.ProcessEnv) {
  return array && task ? `${array}_${task}` : job;
}
