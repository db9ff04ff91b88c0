import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { AwpError } from "@awp/core";

/** Writes a file beside its place and moves it there: whoever looks sees all of it, or what was there before. */
export async function writeWhole(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.partial`, text);
    await rename(`${path}.partial`, path);
  } catch (error) {
    throw new AwpError(`${path}: not written: ${(error as Error).message}`, { cause: error });
  }
}
