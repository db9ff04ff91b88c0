import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AwpError } from "@awp/core";
import { requireArgument, requireCount } from "@awp/core/authoring";
import { entriesOf, removeDirectory, removePartial, writeDirectory } from "./atomic-directory";
import { appendLine, cutMetrics } from "./metrics-file";
import { checkpointFiles } from "../store/checkpoint";
import type { RunStore, StoredKind } from "../store/run-store";

export interface RunDirectoryOptions {
  /** How many checkpoints stay; the best epoch stays besides. @default 1 */
  readonly keep?: number;
}

/**
 * A folder that keeps a run: `checkpoints/epoch-0010` (after ten epochs), `best/epoch-0007` and `metrics.jsonl`, one
 * line of JSON per epoch. A checkpoint is written beside its place, flushed to the disk and renamed once.
 *
 * @example
 * train({ …, store: runDirectory("runs/at-awp"), resume: true })
 *
 * @throws ArgumentError for an empty path, or unless `keep` is a positive integer
 */
export function runDirectory(path: string, { keep = 1 }: RunDirectoryOptions = {}): RunStore {
  requireArgument(path !== "", "path", path, "the path of a folder");
  requireCount("keep", keep);
  const folders = { checkpoint: join(path, "checkpoints"), best: join(path, "best") };
  const metrics = join(path, "metrics.jsonl");
  const placeOf = (kind: StoredKind, epochs: number): string => epochPath(folders[kind], epochs);
  return {
    place: path,
    placeOf,
    async holdsRun() {
      const names = await entriesOf(path);
      return ["checkpoints", "best", "metrics.jsonl"].some((name) => names.includes(name));
    },
    async newest() {
      const stored = (await epochsIn(folders.checkpoint)).reverse();
      for (const epochs of stored) {
        const checkpoint = placeOf("checkpoint", epochs);
        const names = await entriesOf(checkpoint);
        if (!checkpointFiles.every((file) => names.includes(file))) continue;
        return { epochs, files: await filesIn(checkpoint, checkpointFiles) };
      }
      if (stored.length === 0) return undefined;
      throw new AwpError(`${folders.checkpoint}: no checkpoint has all of ${checkpointFiles.join(", ")}`);
    },
    write: (kind, epochs, files) => writeDirectory(placeOf(kind, epochs), files),
    appendMetrics: (line) => appendLine(metrics, line),
    async cutBack(epochs) {
      for (const folder of Object.values(folders)) {
        await removePartial(folder);
        await removeEpochs(folder, (found) => found > epochs);
      }
      await cutMetrics(metrics, epochs);
    },
    async prune(best) {
      const kept = (await epochsIn(folders.checkpoint)).slice(-keep);
      await removeEpochs(folders.checkpoint, (found) => !kept.includes(found));
      await removeEpochs(folders.best, (found) => best !== undefined && found < best);
    },
  };
}

function epochPath(folder: string, epochs: number): string {
  return join(folder, `epoch-${String(epochs).padStart(4, "0")}`);
}

async function filesIn(folder: string, names: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const name of names) files.set(name, await readFile(join(folder, name)));
  return files;
}

/** The numbers of epochs done under which something is stored in the folder, ascending. */
async function epochsIn(folder: string): Promise<number[]> {
  return (await entriesOf(folder))
    .filter((name) => /^epoch-\d{4,}$/.test(name))
    .map((name) => Number(name.slice("epoch-".length)))
    .sort((a, b) => a - b);
}

async function removeEpochs(folder: string, unwanted: (epochs: number) => boolean): Promise<void> {
  for (const epochs of (await epochsIn(folder)).filter(unwanted)) await removeDirectory(epochPath(folder, epochs));
}
