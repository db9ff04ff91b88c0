import { exitCodes } from "../exit-code";
import type { Ranks } from "../ranks/ranks";

/** What may end a command early. */
export interface Stop {
  /** Aborted when the work is to end in good order and to be kept; the reason is a word for the user. */
  readonly pause: AbortSignal;
  /** Aborted when it is to end at once. */
  readonly kill: AbortSignal;
  /** Leaves signals to their defaults again. */
  readonly release: () => void;
}

/** SIGUSR1 is what Slurm is told to send before the end of a job's time; Node would open its debugger on it. */
export const stopSignals = ["SIGINT", "SIGTERM", "SIGUSR1"] as const;

/** Milliseconds in which two SIGINTs are one Ctrl-C: under npm it comes from the terminal and, passed on, from npm. */
export const sameKeyPress = 300;

/**
 * Listens for the first of the signals, or the end of so many seconds, which pauses; and for SIGINT after that, which
 * kills.
 */
export function stopRequests(maxSeconds?: number): Stop {
  const [pause, kill] = [new AbortController(), new AbortController()];
  let paused = 0;
  const stop = (why: string): void => {
    if (!pause.signal.aborted) {
      paused = performance.now();
      pause.abort(why);
    } else if (why === "SIGINT" && performance.now() - paused > sameKeyPress) kill.abort();
  };
  for (const signal of stopSignals) process.on(signal, stop);
  const longest = 2 ** 31 - 1; // milliseconds of a timer, 24 days
  const timer =
    maxSeconds === undefined ? undefined : setTimeout(stop, Math.min(1000 * maxSeconds, longest), "--max-time");
  return {
    pause: pause.signal,
    kill: kill.signal,
    release() {
      clearTimeout(timer);
      for (const signal of stopSignals) process.removeListener(signal, stop);
    },
  };
}

/** Thrown where a signal asked the work to end. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  /** What ended it: a signal's name, behind that of another rank which heard it. */
  constructor(readonly by: string) {
    super(`interrupted by ${by}`);
  }
}

/** What has aborted a signal, own or of all ranks, in words: a signal's name, behind that of another rank which heard it. */
export function causeOf({ reason }: AbortSignal): string {
  return reason instanceof Error ? reason.message : String(reason);
}

/**
 * Runs work that the first signal ends in good order, with an {@link Interrupted}; SIGINT after that ends the process.
 * Of several ranks a signal to one ends the work of all, at the same point.
 */
export async function interruptible<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  ranks?: Pick<Ranks, "agreed">,
): Promise<Result> {
  const { pause, kill, release } = stopRequests();
  kill.addEventListener("abort", () => process.exit(exitCodes.interrupted));
  const signal = ranks?.agreed(pause) ?? pause;
  try {
    return await work(signal);
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    throw new Interrupted(causeOf(signal));
  } finally {
    release();
  }
}

/** Lets signals and timers in, which wait while backends compute; then throws if the work was asked to end. */
export async function breathe(signal?: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal?.throwIfAborted();
}
