import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { AwpError } from "@awp/core";
import type { RunFigures } from "@awp/report";
import { readAccuracies } from "./accuracies";
import { readLandscapes } from "./landscapes";
import { readMetrics } from "./metrics";
import { namesOf } from "./names";
import { settingsOf } from "./settings";
import { type TrainingFolder, trainingFolders } from "./training-folder";

/** The figures of a training, and where they were read. */
export interface ReadRun {
  readonly training: TrainingFolder;
  readonly figures: RunFigures;
}

/**
 * The figures of all trainings in the folders, named apart: whole runs, `runs/train-3`, or single trainings,
 * `runs/train-3/at/seed-1`. Those that have not begun are left out, and one that is named twice counts once.
 *
 * @throws AwpError that names the file, and the line in it, where something is damaged or missing.
 */
export async function readRuns(folders: readonly string[]): Promise<readonly ReadRun[]> {
  const trainings = new Map<string, TrainingFolder>();
  for (const folder of folders) {
    const begun = (await trainingFolders(folder)).filter(({ path }) => existsSync(path));
    if (begun.length === 0) throw new AwpError(`${folder}: nothing has been trained yet`);
    for (const training of begun) trainings.set(resolve(training.path), training);
  }
  const all = [...trainings.values()];
  const names = namesOf(all.map((training) => ({ path: training.path, settings: settingsOf(training) })));
  return Promise.all(
    all.map(async (training, i) => ({ training, figures: await figuresOf(training, names[i] as string) })),
  );
}

async function figuresOf(training: TrainingFolder, name: string): Promise<RunFigures> {
  return {
    name,
    settings: settingsOf(training),
    epochs: (await readMetrics(join(training.path, "metrics.jsonl"))).map(({ seconds: _, ...epoch }) => epoch),
    accuracies: await readAccuracies(training),
    landscapes: await readLandscapes(training.path),
  };
}
