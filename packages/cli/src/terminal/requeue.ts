import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Asks Slurm to start this job again, and says in a line what came of it. Slurm ends the job's processes then. */
export async function requeue(): Promise<string> {
  const job = process.env["SLURM_JOB_ID"];
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
