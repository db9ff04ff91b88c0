import { stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { statusFiles } from "../runs/status-file";
import { trainingFolders } from "../runs/training-folder";
import { type Snapshot, snapshotOf } from "./snapshot";

/** Milliseconds between two looks. */
const interval = 500;

/**
 * A run as it stands, and again whenever it has changed, until the signal. Files are looked at, not waited for: that
 * works on every disk, and whether they are written, cut, renamed or gone.
 *
 * @throws AwpError as `snapshotOf` does.
 */
export async function* follow(folder: string, signal: AbortSignal): AsyncGenerator<Snapshot> {
  let files = await filesOf(folder);
  let seen: string | undefined;
  while (!signal.aborted) {
    // The stamp first: what changes between the two is seen the next time.
    const stamp = await stampOf(files);
    if (stamp !== seen) {
      files = await filesOf(folder);
      yield snapshotOf(folder);
    }
    seen = stamp;
    await setTimeout(interval, undefined, { signal }).catch(() => undefined);
  }
}

/** The files that tell how a run stands, its settings among them, which say what the others are. */
async function filesOf(folder: string): Promise<readonly string[]> {
  const trainings = await trainingFolders(folder);
  const run = trainings[0]?.run ?? folder;
  return [
    // The folder itself too: a share's status may be new in it.
    ...["", "config.yaml", "status.json", "results.json"].map((name) => join(run, name)),
    ...statusFiles(run),
    ...trainings.map(({ path }) => join(path, "metrics.jsonl")),
  ];
}

async function stampOf(files: readonly string[]): Promise<string> {
  const stamps = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`,
        () => "none",
      ),
    ),
  );
  return stamps.join("\n");
}
