import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Archive, cifar10Archive, cifar100Archive } from "./archive";
import { DataError } from "./data-error";
import { findDataFolder } from "./data-folder";
import { type FetchProgress, fetchFile } from "./fetch-file";
import { unpack } from "./unpack";

/** The progress of a download: bytes fetched, or the work after that. */
export type DownloadEvent = ({ readonly kind: "fetch" } & FetchProgress) | { readonly kind: "verify" | "unpack" };

export interface DownloadOptions {
  /** The folder to unpack to; created if it is not there. */
  readonly directory: string;
  /** The address of a mirror of the official archive. @default the official address */
  readonly url?: string;
  readonly signal?: AbortSignal;
}

/**
 * Fetches the official binary version of CIFAR-10 (170 MB) to `directory`, checks its MD5 and unpacks it.
 *
 * Yields progress and returns the folder of the files. After a stop at any point (an abort, a `break`, a lost
 * connection) the next call goes on from there; the folder appears only when it is whole, and is left alone if it is
 * there.
 *
 * @throws DataError if the server refuses, the connection breaks or the checksum is wrong; the signal's reason on abort
 * @example
 * for await (const event of downloadCifar10({ directory: "data" })) console.log(event);
 */
export function downloadCifar10(options: DownloadOptions): AsyncGenerator<DownloadEvent, string> {
  return download(cifar10Archive, options);
}

/**
 * Fetches CIFAR-100 (169 MB), as {@link downloadCifar10} does CIFAR-10.
 *
 * @example
 * const directory = await drain(downloadCifar100({ directory: "data" }));
 * const images = await cifar100({ directory });
 */
export function downloadCifar100(options: DownloadOptions): AsyncGenerator<DownloadEvent, string> {
  return download(cifar100Archive, options);
}

/** Fetches, verifies and unpacks an archive. */
export async function* download(archive: Archive, options: DownloadOptions): AsyncGenerator<DownloadEvent, string> {
  const { directory, signal } = options;
  const present = await findDataFolder(directory, archive.folder, archive.landmark);
  if (present !== undefined) return present.path;
  try {
    return yield* install(archive, options);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

async function* install(
  { url: official, md5, folder }: Archive,
  { directory, url = official, signal }: DownloadOptions,
): AsyncGenerator<DownloadEvent, string> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, `${basename(official)}.part`);
  for await (const progress of fetchFile(url, file, signal)) yield { kind: "fetch", ...progress };
  yield { kind: "verify" };
  const found = await md5Of(file, signal);
  if (found !== md5) {
    await rm(file);
    throw new DataError(url, `the file's MD5 is ${found}, want ${md5}`, "it was deleted: start the download again");
  }
  yield { kind: "unpack" };
  await unpack(file, directory, folder, signal);
  await rm(file);
  return join(directory, folder);
}

async function md5Of(path: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash("md5");
  await pipeline(createReadStream(path), hash, signal === undefined ? {} : { signal });
  return hash.digest("hex");
}
