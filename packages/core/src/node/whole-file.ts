import { randomUUID } from "node:crypto";
import { mkdir, open, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { AwpError } from "../error";

/** What a file is to hold: in parts, one after the other, where it is too large to be in memory twice. */
export type Content = Uint8Array | string | Iterable<Uint8Array>;

/**
 * Writes a file that appears whole or not at all, also after a kill or a power cut; a folder that is not there is made.
 * A killed writer leaves `.NAME.….partial` beside it, which nobody reads. A link to a file stays one. What is neither
 * file nor folder, a pipe for example, is written to as it is.
 *
 * @example
 * const bytes = encodeSafetensors(await networkEntries(network));
 * await writeWhole("runs/first/model.safetensors", bytes);
 * @throws AwpError that names the file if it cannot be written; what was there before stays
 */
export async function writeWhole(path: string, content: Content): Promise<void> {
  try {
    const there = await stat(path).catch(() => undefined);
    if (there === undefined) await writeFileWhole(path, content);
    else if (there.isFile() || there.isDirectory()) await writeFileWhole(await realpath(path), content);
    else await writeFile(path, content);
  } catch (error) {
    throw new AwpError(`${path}: not written: ${(error as Error).message}`, { cause: error });
  }
}

async function writeFileWhole(path: string, content: Content): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}.partial`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(temporary, content, { flush: true });
    await rename(temporary, path);
    await flushDirectory(folder);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Flushes the names in a folder to the disk. */
export async function flushDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return; // cannot open a directory; its renames are journalled
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
