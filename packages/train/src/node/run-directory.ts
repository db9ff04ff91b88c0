import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AwpError } from "@awp/core";
import { requireArgument, requireCount } from "@awp/core/authoring";
import { entriesOf, removeDirectory, removePartial, writeDirectory } from "./atomic-directory";
import { appendLine, cutMetrics } from "./metrics-file";
import { averageFile, checkpointFiles } from "../store/checkpoint";
import { comparePositions, type Position } from "../store/position";
import type { RunStore, StoredKind } from "../store/run-store";

export interface RunDirectoryOptions {
  /**
   * How many checkpoints stay; the best epoch stays besides. One within an epoch goes with the next, and the last one
   * between two epochs stays beside it.
   *
   * @default 1
   */
  readonly keep?: number;
}

/**
 * A folder that keeps a run: `checkpoints/epoch-0010` (after ten epochs; `epoch-0010-step-00120` after 120 steps more),
 * `best/epoch-0007` and `metrics.jsonl`, one line of JSON per epoch. A checkpoint is written beside its place, flushed to
 * the disk and renamed once.
 *
 * @example
 * const training = train({ ...settings, store: runDirectory("runs/at-awp"), resume: true });
 * @throws ArgumentError for an empty path, or unless `keep` is a positive integer
 */
export function runDirectory(path: string, { keep = 1 }: RunDirectoryOptions = {}): RunStore {
  requireArgument(path !== "", "path", path, "the path of a folder");
  requireCount("keep", keep);
  const folders = { checkpoint: join(path, "checkpoints"), best: join(path, "best") };
  const metrics = join(path, "metrics.jsonl");
  const placeOf = (kind: StoredKind, position: Position): string => join(folders[kind], nameOf(position));
  return {
    place: path,
    placeOf,
    async holdsRun() {
      const names = await entriesOf(path);
      return ["checkpoints", "best", "metrics.jsonl"].some((name) => names.includes(name));
    },
    async newest() {
      const stored = (await positionsIn(folders.checkpoint)).reverse();
      for (const position of stored) {
        const checkpoint = placeOf("checkpoint", position);
        const names = await entriesOf(checkpoint);
        if (!checkpointFiles.every((file) => names.includes(file))) continue;
        const known = [...checkpointFiles, averageFile].filter((file) => names.includes(file));
        return { position, files: await filesIn(checkpoint, known) };
      }
      if (stored.length === 0) return undefined;
      throw new AwpError(`${folders.checkpoint}: no checkpoint has all of ${checkpointFiles.join(", ")}`);
    },
    write: (kind, position, files) => writeDirectory(placeOf(kind, position), files),
    appendMetrics: (line) => appendLine(metrics, line),
    async cutBack(position) {
      for (const folder of Object.values(folders)) {
        await removePartial(folder);
        await removeFrom(folder, (found) => comparePositions(found, position) > 0);
      }
      await cutMetrics(metrics, position.epochs);
    },
    async prune({ best, back }) {
      const stored = await positionsIn(folders.checkpoint);
      const newest = stored.filter(({ step }, i) => step === 0 || i === stored.length - 1).slice(-keep);
      const kept = [back, ...newest];
      await removeFrom(folders.checkpoint, (found) => !kept.some((one) => comparePositions(one, found) === 0));
      await removeFrom(folders.best, (found) => best !== undefined && comparePositions(found, best) < 0);
    },
  };
}

const namePattern = /^epoch-(\d{4,})(?:-step-(\d{5,}))?$/;

function nameOf({ epochs, step }: Position): string {
  const epoch = `epoch-${String(epochs).padStart(4, "0")}`;
  return step === 0 ? epoch : `${epoch}-step-${String(step).padStart(5, "0")}`;
}

/** The positions under which something is stored in the folder, ascending. */
async function positionsIn(folder: string): Promise<Position[]> {
  const positions = (await entriesOf(folder)).flatMap((name) => {
    const [found, epochs, step = 0] = namePattern.exec(name) ?? [];
    return found === undefined ? [] : { epochs: Number(epochs), step: Number(step) };
  });
  return positions.sort(comparePositions);
}

async function filesIn(folder: string, names: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const name of names) files.set(name, await readFile(join(folder, name)));
  return files;
}

async function removeFrom(folder: string, unwanted: (position: Position) => boolean): Promise<void> {
  const removed = (await positionsIn(folder)).filter(unwanted);
  for (const position of removed) await removeDirectory(join(folder, nameOf(position)));
}
