import { open } from "node:fs/promises";
import type { Fail } from "../bytes/byte-cursor";
import { DataError } from "./data-error";

/** What one call of the operating system reads at most. */
const part = 2 ** 30;

/** The bytes of a file of any size that memory holds (`readFile` ends at 2 GiB). */
export async function readDataFile(path: string, advice: string): Promise<Uint8Array> {
  const file = await openDataFile(path, advice);
  try {
    return await readPart(file, 0, (await file.stat()).size, failing(path, advice));
  } finally {
    await file.close();
  }
}

/** An open file; one that is missing or a folder is a {@link DataError}. */
export async function openDataFile(path: string, advice: string): Promise<OpenFile> {
  try {
    const file = await open(path);
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new DataError(path, "no such file", advice);
  }
  throw new DataError(path, "not a file", advice);
}

export type OpenFile = Awaited<ReturnType<typeof open>>;

/** `length` bytes from `start` on, which the caller has compared with the file's size. */
export async function readPart(file: OpenFile, start: number, length: number, fail: Fail): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(bytes, at, Math.min(part, length - at), start + at);
    if (bytesRead === 0) fail("changed while it was read");
    at += bytesRead;
  }
  return bytes;
}

/** A {@link Fail} that names the file and what to do. */
export function failing(path: string, advice: string): Fail {
  return (problem) => {
    throw new DataError(path, problem, advice);
  };
}
