import { join } from "node:path";
import { AwpError } from "@awp/core";
import { entriesOf, removeDirectory, removePartial } from "./atomic-directory";
import { checkpointFiles } from "./checkpoint";
import { cutMetrics } from "./metrics-file";
import type { Best } from "../loop/training-event";

/** Where a run is stored: `checkpoints/epoch-0010` (after ten epochs), `best/epoch-0007`, `metrics.jsonl`. */
export interface RunDirectory {
  readonly path: string;
  readonly metrics: string;
  checkpoint(epochs: number): string;
  best(epochs: number): string;
  /** Whether a run has been stored here. */
  holdsRun(): Promise<boolean>;
  /** The newest complete checkpoint. Throws an `AwpError` if there are some and all are incomplete. */
  newestCheckpoint(): Promise<string | undefined>;
  /** Forgets everything after the first `epochs` epochs, and what a killed training left half done. */
  cutBack(epochs: number): Promise<void>;
  /** Removes all checkpoints but the `keep` newest, and the epochs that were best before `best`. */
  prune(best: Best | null): Promise<void>;
}

export function runDirectory(path: string, keep = 1): RunDirectory {
  const [checkpoints, best, metrics] = ["checkpoints", "best", "metrics.jsonl"].map((name) => join(path, name)) as [
    string,
    string,
    string,
  ];
  return {
    path,
    metrics,
    checkpoint: (epochs) => epochPath(checkpoints, epochs),
    best: (epochs) => epochPath(best, epochs),
    async holdsRun() {
      const names = await entriesOf(path);
      return ["checkpoints", "best", "metrics.jsonl"].some((name) => names.includes(name));
    },
    async newestCheckpoint() {
      const stored = (await epochsIn(checkpoints)).reverse();
      for (const epochs of stored) {
        const names = await entriesOf(epochPath(checkpoints, epochs));
        if (checkpointFiles.every((file) => names.includes(file))) return epochPath(checkpoints, epochs);
      }
      if (stored.length === 0) return undefined;
      throw new AwpError(`${checkpoints}: no checkpoint has all of ${checkpointFiles.join(", ")}`);
    },
    async cutBack(epochs) {
      for (const parent of [checkpoints, best]) {
        await removePartial(parent);
        await removeEpochs(parent, (found) => found > epochs);
      }
      await cutMetrics(metrics, epochs);
    },
    async prune(bestNow) {
      const kept = (await epochsIn(checkpoints)).slice(-keep);
      await removeEpochs(checkpoints, (found) => !kept.includes(found));
      await removeEpochs(best, (found) => bestNow !== null && found <= bestNow.epoch);
    },
  };
}

function epochPath(parent: string, epochs: number): string {
  return join(parent, `epoch-${String(epochs).padStart(4, "0")}`);
}

/** After how many epochs each was stored, ascending. */
async function epochsIn(parent: string): Promise<number[]> {
  return (await entriesOf(parent))
    .filter((name) => /^epoch-\d{4,}$/.test(name))
    .map((name) => Number(name.slice("epoch-".length)))
    .sort((a, b) => a - b);
}

async function removeEpochs(parent: string, unwanted: (epochs: number) => boolean): Promise<void> {
  for (const epochs of (await epochsIn(parent)).filter(unwanted)) await removeDirectory(epochPath(parent, epochs));
}
