import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { AwpError } from "@awp/core";
import { fetchFile, type FetchProgress } from "@awp/data/node";
import type { RobustBenchModel } from "@awp/models";
import { requireWeights } from "@awp/models/node";

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
  try {
    await requireWeights(partial);
  } catch (error) {
    await rm(partial);
    const { message } = error as Error;
    throw new AwpError(`robustbench:${name}: the server sent no weights: ${message}; ${byHand}`, { cause: error });
  }
  await rename(partial, path);
}
