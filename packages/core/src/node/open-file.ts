import { open } from "node:fs/promises";
import type { Fail } from "../bytes/byte-cursor";

/** What one call of the operating system reads at most. */
const part = 2 ** 30;

/** What is used of Node's `FileHandle`: whoever imports the door's types need not have Node's. */
export interface OpenFile {
  stat(): Promise<{ readonly size: number; isFile(): boolean }>;
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
}

/**
 * What `work` gives of an open file, which is closed then; a path that is missing or no file fails.
 *
 * @example
 * const names = await withFile("model.pt", fail, async (file) => [...(await openZip(file, fail)).entries.keys()]);
 */
export async function withFile<T>(path: string, fail: Fail, work: (file: OpenFile) => Promise<T>): Promise<T> {
  const file = await open(path).catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    return fail(code === "ENOENT" ? "no such file" : `not opened: ${message}`);
  });
  try {
    if (!(await file.stat()).isFile()) fail("not a file");
    return await work(file);
  } finally {
    await file.close();
  }
}

/** The bytes of a file of any size that memory holds (`readFile` ends at 2 GiB). */
export function readWhole(path: string, fail: Fail): Promise<Uint8Array> {
  return withFile(path, fail, async (file) => readPart(file, 0, (await file.stat()).size, fail));
}

/** `length` bytes from `start` on, which the caller has compared with the file's size. */
export async function readPart(file: OpenFile, start: number, length: number, fail: Fail): Promise<Uint8Array> {
  const bytes = allocated(length, fail);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(bytes, at, Math.min(part, length - at), start + at);
    if (bytesRead === 0) fail("changed while it was read");
    at += bytesRead;
  }
  return bytes;
}

/** Room for bytes, where there is as much. */
export function allocated(length: number, fail: Fail): Uint8Array {
  try {
    return new Uint8Array(length);
  } catch {
    return fail(`${length} bytes at once are more than memory holds`);
  }
}
