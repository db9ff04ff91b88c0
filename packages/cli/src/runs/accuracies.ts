import { basename, join } from "node:path";
import type { AccuracyFigures } from "@awp/report";
import { z } from "zod";
import { jsonFilesIn } from "./landscapes";
import { readJson } from "./json-file";
import type { TrainingFolder } from "./training-folder";

const share = z.number().min(0).max(1);
const count = z.int().min(1);

/** What `awp train` leaves in `results.json`. */
export const trainResults = z.object({
  results: z.array(
    z.object({
      method: z.string(),
      seed: z.int(),
      train: z.object({ natural: share, pgd: share, images: count }),
      test: z.object({ natural: share, fgsm: share, pgd: share, images: count }),
    }),
  ),
});

const evaluation = z.object({
  examples: count,
  naturalAccuracy: share,
  runs: z.array(
    z.object({
      attack: z.string(),
      epsilon: z.number(),
      robustAccuracy: share,
      autoAttack: z.object({ stages: z.array(z.object({ name: z.string(), robustAccuracy: share })) }).optional(),
    }),
  ),
});

/**
 * The accuracies of a training: those that `awp evaluate --json` wrote into `evaluation….json` beside its metrics, and
 * those of the evaluation at its end, but for what the former have measured too.
 */
export async function readAccuracies(training: TrainingFolder): Promise<readonly AccuracyFigures[]> {
  const later = await readEvaluations(training.path);
  const known = new Set(later.map(({ split, attack }) => `${split} ${attack}`));
  const atTheEnd = await readResults(training);
  return [...atTheEnd.filter(({ split, attack }) => !known.has(`${split} ${attack}`)), ...later];
}

async function readResults({ run, method, seed, config }: TrainingFolder): Promise<readonly AccuracyFigures[]> {
  const file = await readJson(join(run, "results.json"), trainResults);
  const result = file?.results.find((each) => each.method === method && each.seed === seed);
  if (result === undefined) return [];
  const { epsilon } = config.attack;
  const pgd = `pgd-${config.evaluation.steps}`;
  const { train, test } = result;
  const onTrain = { split: "train", images: train.images };
  const onTest = { split: "test", images: test.images };
  return [
    { ...onTrain, attack: "natural", epsilon: 0, accuracy: train.natural },
    { ...onTrain, attack: pgd, epsilon, accuracy: train.pgd },
    { ...onTest, attack: "natural", epsilon: 0, accuracy: test.natural },
    { ...onTest, attack: "fgsm", epsilon, accuracy: test.fgsm },
    { ...onTest, attack: pgd, epsilon, accuracy: test.pgd },
  ];
}

async function readEvaluations(training: string): Promise<readonly AccuracyFigures[]> {
  const files = (await jsonFilesIn(training)).filter((path) => basename(path).startsWith("evaluation"));
  const rows = new Map<string, AccuracyFigures>();
  const add = (row: AccuracyFigures): void => void rows.set(`${row.attack} ${row.epsilon}`, row);
  for (const path of files) {
    const file = await readJson(path, evaluation);
    if (file === undefined) continue;
    const on = { split: "test", images: file.examples };
    add({ ...on, attack: "natural", epsilon: 0, accuracy: file.naturalAccuracy });
    for (const { attack, epsilon, robustAccuracy, autoAttack } of file.runs) {
      // AutoAttack's stages follow one another, each on what those before it left.
      const stages = autoAttack?.stages ?? [];
      for (const { name, robustAccuracy: left } of stages.slice(0, -1))
        add({ ...on, attack: `${attack} up to ${name}`, epsilon, accuracy: left });
      add({ ...on, attack, epsilon, accuracy: robustAccuracy });
    }
  }
  return [...rows.values()];
}
