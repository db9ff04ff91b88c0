import { trainingCurves } from "@awp/report";
import type { StoredWeights } from "../landscape/checkpoints";
import { readRuns } from "../runs/read-runs";
import type { TrainingFolder } from "../runs/training-folder";
import { printConfig } from "../train/config/print";
import type { TrainConfig } from "../train/config/schema";
import { methods } from "../train/methods";

/** The settings of this training alone as `awp train --config` takes them, with nothing of the machine that it ran on. */
export function settingsFile({ config, method, seed }: TrainingFolder): string {
  const { data } = config;
  const elsewhere: TrainConfig["data"] = data.name === "synthetic" ? data : { ...data, directory: "data" };
  const alone = { ...config, data: elsewhere, methods: [method], seeds: [seed] };
  return printConfig({ ...alone, output: null, backend: null, jobs: null });
}

/** A card's words about how the weights came about. */
export function trainingText({ config, method, seed }: TrainingFolder, { epoch, file }: StoredWeights): string {
  const chosen = /[\\/]best[\\/]/.test(file) ? ", the best by accuracy under attack on images set aside for that" : "";
  return `By ${methods[method].title} for ${config.epochs} epochs, from the seed ${seed}; these are the weights after ${epoch}${chosen}. All settings are in [train.yaml](train.yaml):

\`\`\`sh
npx @awp/cli train --config train.yaml
\`\`\``;
}

/** A picture of the course of a training; undefined where that is no course yet. */
export async function courseOf({ path }: TrainingFolder): Promise<Uint8Array | undefined> {
  const [run] = await readRuns([path]);
  if (run === undefined || run.figures.epochs.length < 2) return undefined;
  // Loaded here and not before: it brings the libraries that draw.
  const { renderPng } = await import("@awp/report/node");
  return renderPng(trainingCurves([run.figures]), {});
}
