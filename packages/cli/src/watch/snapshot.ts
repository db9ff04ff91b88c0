import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AccuracyFigures } from "@awp/report";
import { readAccuracies } from "../runs/accuracies";
import { type TimedEpoch, readMetrics } from "../runs/metrics";
import { namesOf } from "../runs/names";
import { settingsOf } from "../runs/settings";
import { type RunStatus, readStatus, type TrainingStatus } from "../runs/status-file";
import { trainingFolders } from "../runs/training-folder";
import { pathOf } from "../train/training";

/** A run as it stands at a moment. */
export interface Snapshot {
  /** The folder that was asked for. */
  readonly folder: string;
  /** What is trained, in a few words. */
  readonly about: string;
  readonly state: RunStatus["state"];
  /** When the training wrote its status last, in milliseconds since 1970, if it did. */
  readonly heard: number | null;
  readonly trainings: readonly TrainingSnapshot[];
}

export interface TrainingSnapshot {
  readonly name: string;
  readonly state: TrainingStatus["state"] | "waiting";
  /** How many epochs there will be. */
  readonly epochs: number;
  readonly done: readonly TimedEpoch[];
  /** How far the epoch after those is, where it is known. */
  readonly within: Pick<TrainingStatus, "step" | "stepsPerEpoch" | "loss"> | null;
  /** Those of the evaluation at the end, once it has been made. */
  readonly accuracies: readonly AccuracyFigures[];
}

/**
 * Looks at a run, or at one training of it.
 *
 * @throws AwpError that names the file where something is damaged or missing.
 */
export async function snapshotOf(folder: string): Promise<Snapshot> {
  const trainings = await trainingFolders(folder);
  const [{ run, config }] = trainings as [(typeof trainings)[number]];
  const status = await readStatus(run);
  const finished = existsSync(join(run, "results.json"));
  // A run of before there was a status tells by its results alone that it is through.
  const state = status?.state ?? (finished ? "done" : "running");
  const names = namesOf(trainings.map((each) => ({ path: each.path, settings: settingsOf(each) })));
  const panels = trainings.map(async (training, i): Promise<TrainingSnapshot> => {
    const done = await readMetrics(join(training.path, "metrics.jsonl"));
    const own = status?.trainings[pathOf(training)];
    const current = own !== undefined && own.step > 0 && own.epoch === done.length && own.state === "training";
    return {
      name: names[i] as string,
      state: stateOf(state, own, done.length > 0),
      epochs: config.epochs,
      done,
      within: current ? { step: own.step, stepsPerEpoch: own.stepsPerEpoch, loss: own.loss } : null,
      accuracies: finished ? await readAccuracies(training) : [],
    };
  });
  const snapshots = await Promise.all(panels);
  const alone = snapshots.length === 1 && snapshots[0]?.state === "done";
  return {
    folder,
    about: `${config.network} on ${config.data.name}`,
    state: alone ? "done" : state,
    heard: status?.at ?? null,
    trainings: snapshots,
  };
}

/** A training that had not ended when its run did has ended with it. */
function stateOf(run: RunStatus["state"], own: TrainingStatus | undefined, begun: boolean): TrainingSnapshot["state"] {
  if (own?.state === "done") return "done";
  if (run !== "running") return run;
  return own?.state ?? (begun ? "training" : "waiting");
}
