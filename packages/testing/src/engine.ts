/**
 * Skips a test, and says why, where the native engine is not here: where `loading` fails.
 *
 * @example
 * test("two processes", async (context) => skipWithoutEngine(useBackend("torch"), context));
 */
export async function skipWithoutEngine(
  loading: Promise<unknown>,
  context: { skip(condition: boolean, reason: string): void },
): Promise<void> {
  const reason = await loading.then(
    () => undefined,
    (error: unknown) => String(error).split("\n")[0],
  );
  context.skip(reason !== undefined, `needs the engine @awp/backend-torch: ${reason}`);
}
