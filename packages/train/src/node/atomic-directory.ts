import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { AwpError } from "@awp/core";
import { flushDirectory } from "@awp/core/node";

/** Directories on their way in or out; nobody reads them. */
const partial = /^\..*\.partial$/;

/**
 * Writes a directory whole: its files beside it first, flushed to the disk, then one rename. Whoever looks, also after
 * a kill or a power cut, sees it complete or not at all.
 *
 * Throws an `AwpError` that names `path`, and then leaves nothing.
 */
export async function writeDirectory(path: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const parent = dirname(path);
  const temporary = partialName(path);
  await mkdir(parent, { recursive: true });
  try {
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary);
    for (const [name, bytes] of files) await writeFile(join(temporary, name), bytes, { flush: true });
    await flushDirectory(temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw new AwpError(`${path}: not written: ${(error as Error).message}`, { cause: error });
  }
  await flushDirectory(parent);
}

/** Removes a directory so that nobody sees it half removed. */
export async function removeDirectory(path: string): Promise<void> {
  const temporary = partialName(path);
  await rm(temporary, { recursive: true, force: true });
  await rename(path, temporary);
  await rm(temporary, { recursive: true });
}

/** Removes what a killed writer left behind. */
export async function removePartial(parent: string): Promise<void> {
  for (const name of await entriesOf(parent)) {
    if (partial.test(name)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

/** Names in a directory; none if it does not exist. */
export async function entriesOf(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function partialName(path: string): string {
  return join(dirname(path), `.${basename(path)}.partial`);
}
