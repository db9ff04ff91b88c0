import { existsSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { AwpError } from "@awp/core";
import { readConfigFile } from "../train/config/config-file";
import { resolveConfig } from "../train/config/resolve";
import type { TrainConfig } from "../train/config/schema";
import { configFile } from "../train/run-folder";
import { pathOf, type Training, trainingsOf } from "../train/training";

/** One training on disk, begun or not. */
export interface TrainingFolder extends Training {
  /** Its own folder: `runs/train-3/at/seed-1`. */
  readonly path: string;
  /** The folder of the run that it is part of, where the settings are: `runs/train-3`. */
  readonly run: string;
  readonly config: TrainConfig;
}

/**
 * The trainings of a run in a folder, `runs/train-3`, or of one method of it, `runs/train-3/at`, or the one training
 * `runs/train-3/at/seed-1`; at least one, in the order in which they are trained.
 *
 * @throws AwpError that names the folder where it holds none; UsageError for settings that cannot be meant.
 */
export async function trainingFolders(path: string): Promise<readonly TrainingFolder[]> {
  if (!existsSync(path)) throw new AwpError(`${path}: no such folder`);
  if (!statSync(path).isDirectory()) throw new AwpError(`${path}: a file, where the folder of a run is wanted`);
  const run = [path, ...above(path)].find((folder) => existsSync(join(folder, configFile)));
  const config = run === undefined ? undefined : resolveConfig(await readConfigFile(join(run, configFile)), {});
  const within = run === undefined ? "" : relative(run, resolve(path));
  const found = (config === undefined ? [] : trainingsOf(config)).filter(
    (training) => within === "" || `${pathOf(training)}/`.startsWith(`${within}/`),
  );
  if (run === undefined || config === undefined || found.length === 0) {
    throw new AwpError(
      `${path}: no run; wanted one, such as runs/train-3, or a training in it, runs/train-3/at/seed-1`,
    );
  }
  return found.map((training) => ({ ...training, path: join(run, pathOf(training)), run, config }));
}

/** The two folders above one, as they are called from where the user stands. */
function above(path: string): readonly string[] {
  const parent = (folder: string): string => (/(^|[\\/])\.{0,2}$/.test(folder) ? join(folder, "..") : dirname(folder));
  return [parent(path), parent(parent(path))];
}
