/** Thrown where a signal asked the work to end. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  constructor(readonly signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
  }
}

/**
 * Runs work that ends in good order when the first SIGINT or SIGTERM aborts it, with an {@link Interrupted}. The second
 * one ends the process at once, as if nobody listened.
 */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const names = ["SIGINT", "SIGTERM"] as const;
  const listen = (name: NodeJS.Signals): void => {
    ignore();
    controller.abort(new Interrupted(name));
  };
  const ignore = (): void => names.forEach((name) => process.removeListener(name, listen));
  for (const name of names) process.on(name, listen);
  try {
    return await work(controller.signal);
  } finally {
    ignore();
  }
}

/** Lets signals and timers in, which wait while backends compute; then throws if the work was asked to end. */
export async function breathe(signal?: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal?.throwIfAborted();
}
