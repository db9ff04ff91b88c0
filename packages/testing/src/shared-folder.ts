import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const besideCheckout = fileURLToPath(new URL("../../../../shared", import.meta.url));

/**
 * The folder of data too large for the repository, `$AWP_SHARED` or `shared` beside the checkout; undefined where
 * `path` is missing.
 */
export function sharedFolder(path = ""): string | undefined {
  const folder = join(process.env["AWP_SHARED"] ?? besideCheckout, path);
  return existsSync(folder) ? folder : undefined;
}

/**
 * Skips a test, and says why, where shared data is missing.
 *
 * @example
 * beforeEach((context) => skipWithoutShared("data/mnist", context));
 */
export function skipWithoutShared(path: string, context: { skip(condition: boolean, reason: string): void }): void {
  context.skip(sharedFolder(path) === undefined, `needs shared/${path} beside the checkout, or under $AWP_SHARED`);
}
