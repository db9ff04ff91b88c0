/**
 * Skips a test that takes long, and says so, unless `AWP_LONG_TESTS` is 1, as `.ci/run` sets it.
 *
 * @example
 * test("robust under AutoAttack", (context) => skipLong("AutoAttack on 16 images", context));
 */
export function skipLong(what: string, context: { skip(condition: boolean, reason: string): void }): void {
  context.skip(process.env["AWP_LONG_TESTS"] !== "1", `${what} takes long: AWP_LONG_TESTS=1 runs it, as .ci/run does`);
}
