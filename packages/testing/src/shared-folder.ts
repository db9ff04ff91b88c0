import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const besideCheckout = fileURLToPath(new URL("../../../../shared", import.meta.url));

/** Where data too large for the repository lies: `$AWP_SHARED`, or `shared` beside the checkout; undefined where `path` is missing. */
export function sharedFolder(path = ""): string | undefined {
  const folder = join(process.env["AWP_SHARED"] ?? besideCheckout, path);
  return existsSync(folder) ? folder : undefined;
}

/** Whether a test must be skipped for want of shared data; says so when it must: `test.skipIf(skipWithoutShared("data/mnist"))`. */
export function skipWithoutShared(path: string): boolean {
  if (sharedFolder(path) !== undefined) return false;
  console.warn(`SKIPPED: needs shared/${path} beside the checkout, or under $AWP_SHARED`);
  return true;
}
