import { useBackend } from "@awp/core";

let obstacle: Promise<string | undefined> | undefined;

/** Skips a test, and says why, where the engine that joins processes is not here. */
export async function skipWithoutEngine(context: { skip(condition: boolean, reason: string): void }): Promise<void> {
  obstacle ??= useBackend("torch").then(
    () => undefined,
    (error: Error) => error.message,
  );
  const reason = await obstacle;
  context.skip(reason !== undefined, `needs the engine @awp/backend-torch: ${reason}`);
}
