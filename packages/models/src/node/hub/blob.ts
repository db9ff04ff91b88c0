import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { AwpError } from "@awp/core";

/** A file of the hub as its cache keeps it: named by the hash of its content. */
export interface HubBlob {
  readonly path: string;
  /** SHA-256 of a large file, git's SHA-1 of a small one. */
  readonly hash: string;
  readonly size: number;
}

/**
 * Fetches a blob to its place, going on after what an interrupted try has left; it appears there whole and checked, or not
 * at all. Yields how many bytes are there.
 */
export async function* fetchBlob({ path, hash, size }: HubBlob, content: Blob): AsyncGenerator<number, void> {
  const partial = `${path}.incomplete`;
  let bytes = await sizeOf(partial);
  if (bytes >= size) bytes = 0;
  const file = await open(partial, bytes > 0 ? "a" : "w");
  try {
    yield bytes;
    for await (const chunk of content.slice(bytes).stream() as AsyncIterable<Uint8Array>) {
      await file.write(chunk);
      bytes += chunk.length;
      yield bytes;
    }
  } finally {
    await file.close();
  }
  if (bytes === size && (await hasHash(partial, hash))) return rename(partial, path);
  await rm(partial);
  const problem = bytes === size ? "other bytes than its hash says" : `${bytes} bytes where ${size} are wanted`;
  throw new AwpError(`the hub sent ${problem}: deleted, try again`);
}

/** Whether a file has the content whose hash that is; another kind of hash tells nothing, and passes. */
export async function hasHash(path: string, hash: string): Promise<boolean> {
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(hash)) return true;
  const digest = createHash(hash.length === 64 ? "sha256" : "sha1");
  if (hash.length === 40) digest.update(`blob ${await sizeOf(path)}\0`);
  await pipeline(createReadStream(path), digest);
  return digest.digest("hex") === hash;
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}
