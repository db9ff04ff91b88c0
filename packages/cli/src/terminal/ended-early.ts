import { type ExitCode, exitCodes } from "../exit-code";
import type { Ranks } from "../ranks/ranks";
import type { Progress } from "./progress";
import { requeueAfter } from "./requeue";
import { Interrupted } from "./signals";
import type { Terminal } from "./terminal";

/** Who is told of the end of a command's work. */
export interface Told {
  readonly terminal: Terminal;
  readonly progress: Progress;
  readonly ranks: Ranks;
  /** Whether Slurm is, too. */
  readonly requeue: boolean | undefined;
}

/**
 * Says from what the same command goes on whose work has ended with an {@link Interrupted}, and returns what it exits with.
 *
 * @throws any other error as it is
 */
export async function endedEarly(
  error: unknown,
  from: string,
  { terminal, progress, ranks, requeue }: Told,
): Promise<ExitCode> {
  progress.stop();
  if (!(error instanceof Interrupted)) throw error;
  terminal.stderr.write(`${error.message}: the same command goes on from ${from}\n`);
  if (requeue === true) await requeueAfter(error.by, ranks, progress);
  return exitCodes.paused;
}
