import { existsSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { AwpError } from "@awp/core";
import { fetchFile, type FetchProgress } from "@awp/data/node";
import type { RobustBenchModel } from "@awp/models";

/** A model of RobustBench by what its place among the files is made of. */
type Kept = Pick<RobustBenchModel, "name" | "dataset" | "threatModel"> & {
  readonly source?: RobustBenchModel["source"] | undefined;
};

/** Where RobustBench's Python package keeps the file of a model, in its folder of models. */
export function robustBenchPath({ name, dataset, threatModel }: Kept): string {
  return join(dataset, threatModel === "linf" ? "Linf" : "L2", `${name}.pt`);
}

/**
 * The file of a model on this machine: where RobustBench's Python package keeps it, `models/cifar10/Linf/NAME.pt`, or in the
 * cache; undefined where it is in neither.
 */
export function robustBenchFile(model: Kept): string | undefined {
  const places = ["models", cacheFolder()].map((folder) => join(folder, robustBenchPath(model)));
  return places.find((file) => existsSync(file));
}

/** The place of a model's file in the cache. */
export function cachedPath(model: Kept): string {
  return join(cacheFolder(), robustBenchPath(model));
}

function cacheFolder(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "awp", "robustbench");
}

export interface RobustBenchDownload {
  /** The file, which appears whole. */
  readonly path: string;
  /** Its address, which does not ask whether so large a file is really wanted. @default Google Drive's */
  readonly url?: string;
  readonly signal?: AbortSignal;
}

/**
 * Fetches the file of a model from where it was published, going on after what an interrupted try has left.
 *
 * @throws AwpError with the address to fetch it from by hand, where it is not known where the file is, the server refuses or
 *   the connection breaks, or answers with something else than a file of PyTorch: Google Drive does with a page, which says
 *   that too many have fetched the file today; that is not kept
 */
export async function* downloadRobustBench(
  model: Kept,
  { path, url, signal }: RobustBenchDownload,
): AsyncGenerator<FetchProgress, void> {
  const { name, source } = model;
  if (source === undefined) {
    throw new AwpError(`robustbench:${name}: it is not known where its file is; give one by --weights FILE`);
  }
  const { googleDriveId: id } = source;
  const address = url ?? `https://drive.usercontent.google.com/download?id=${id}&export=download&confirm=t`;
  const partial = `${path}.part`;
  const byHand = `fetch https://drive.google.com/file/d/${id}/view by hand to ${path}`;
  await mkdir(dirname(path), { recursive: true });
  try {
    for await (const progress of fetchFile(address, partial, signal)) yield progress;
  } catch (error) {
    signal?.throwIfAborted();
    throw new AwpError(`${(error as Error).message}; or ${byHand}`, { cause: error });
  }
  const found = await kindOf(partial);
  if (found !== "checkpoint") {
    await rm(partial);
    throw new AwpError(`robustbench:${name}: the server sent ${found} and no file of PyTorch: ${byHand}`);
  }
  await rename(partial, path);
}

/** What a file is, by its beginning: PyTorch's are zip archives or, older ones, pickles. */
async function kindOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
    const beginning = buffer.subarray(0, bytesRead).toString("latin1");
    if (beginning.startsWith("PK\x03\x04") || beginning.startsWith("\x80")) return "checkpoint";
    if (beginning.trimStart().startsWith("<")) return "a page";
    return bytesRead === 0 ? "nothing" : `a file that begins with ${JSON.stringify(beginning.slice(0, 8))}`;
  } finally {
    await file.close();
  }
}
