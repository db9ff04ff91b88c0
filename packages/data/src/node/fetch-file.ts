import { open, stat } from "node:fs/promises";
import { DataError } from "./data-error";

export interface FetchProgress {
  /** Bytes on disk so far, those of earlier runs included. */
  readonly bytes: number;
  /** The size of the whole file, where the server tells it. */
  readonly total: number | undefined;
}

/**
 * Fetches `url` into the file `path`, going on after the bytes that are there already if the server can, from the
 * start if it cannot. An interruption leaves what has arrived.
 *
 * @throws DataError if the server refuses, the connection breaks or the signal aborts
 * @example
 * for await (const { bytes, total } of fetchFile("https://example.org/model.pt", "model.pt.part")) console.log(bytes, total);
 */
export async function* fetchFile(url: string, path: string, signal?: AbortSignal): AsyncGenerator<FetchProgress, void> {
  const present = await sizeOf(path);
  let bytes = present;
  try {
    // A server that compresses on the way would hide the file's own bytes, which the checksum and the ranges count.
    const headers = { "accept-encoding": "identity", ...(present > 0 && { range: `bytes=${present}-` }) };
    const response = await fetch(url, { headers, ...(signal && { signal }) });
    if (response.status === 416 && present > 0) return; // nothing after what is there
    if (!response.ok || response.body === null) {
      const problem = `the server answered ${response.status} ${response.statusText}`;
      throw new DataError(url, problem, "try again later, or give another address as `url`");
    }
    const resumed = response.status === 206;
    if (resumed && response.headers.get("content-range")?.startsWith(`bytes ${present}-`) !== true) {
      throw new DataError(url, `the server did not answer with the bytes from ${present} on`, `delete ${path}`);
    }
    if (!resumed) bytes = 0;
    const length = response.headers.get("content-length");
    const total = length === null ? undefined : bytes + Number(length);
    const file = await open(path, resumed ? "a" : "w");
    try {
      yield { bytes, total };
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        await file.write(chunk);
        bytes += chunk.length;
        yield { bytes, total };
        signal?.throwIfAborted(); // Node 22 may wait for ever for the next chunk of an aborted response
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    if (DataError.is(error)) throw error;
    const problem = `the download stopped after ${bytes} bytes (${reason(error)})`;
    throw new DataError(url, problem, "start the download again: it goes on where it stopped", { cause: error });
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}

/** The reason of an error: `fetch` says "fetch failed" and keeps it in `cause`. */
function reason(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
