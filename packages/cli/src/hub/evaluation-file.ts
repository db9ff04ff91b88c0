import { AwpError, type Norm } from "@awp/core";
import type { HubResult } from "@awp/models/node";
import { z } from "zod";
import { readJson } from "../runs/json-file";

const share = z.number().min(0).max(1);
const numbers = z.array(z.number());

const schema = z.object({
  examples: z.int().min(1),
  naturalAccuracy: share,
  norm: z.enum(["linf", "l2", "l1"]),
  model: z.object({
    network: z.string().optional(),
    scale: z.looseObject({ mean: numbers.optional(), std: numbers.optional() }).optional(),
    fingerprint: z.string().optional(),
  }),
  data: z.object({
    name: z.string().optional(),
    shape: z.tuple([z.int(), z.int(), z.int()]).optional(),
    classNames: z.array(z.string()),
  }),
  runs: z.array(z.object({ attack: z.string(), epsilon: z.number(), robustAccuracy: share })),
});

/** What `awp evaluate --json` has written. */
export type EvaluationFile = z.output<typeof schema>;

/**
 * What a file of `awp evaluate --json` says.
 *
 * @throws AwpError that names the file where it is not there, or is none
 */
export async function readEvaluation(path: string): Promise<EvaluationFile> {
  const file = await readJson(path, schema);
  if (file === undefined) throw new AwpError(`${path}: no such file; awp evaluate --json writes one`);
  return file;
}

/** The accuracies of an evaluation, natural first. */
export function resultsOf({ examples: images, naturalAccuracy, norm, runs }: EvaluationFile): readonly HubResult[] {
  return [
    naturalResult(norm, naturalAccuracy, images),
    ...runs
      .filter(({ epsilon }) => epsilon > 0)
      .map(({ attack, epsilon, robustAccuracy: accuracy }) => ({ attack, norm, epsilon, accuracy, images })),
  ];
}

/** The accuracy on images as they are. */
export function naturalResult(norm: Norm, accuracy: number, images: number): HubResult {
  return { attack: "natural", norm, epsilon: 0, accuracy, images };
}

/** Each accuracy once: of those under one attack the one on the most images, natural first, small radii before large. */
export function together(results: readonly HubResult[]): readonly HubResult[] {
  const best = new Map<string, HubResult>();
  for (const result of results) {
    const { attack, norm, epsilon, images } = result;
    const key = epsilon === 0 ? "natural" : `${attack} ${norm} ${epsilon}`;
    if (images > (best.get(key)?.images ?? 0)) best.set(key, result);
  }
  return [...best.values()].sort((a, b) => a.epsilon - b.epsilon);
}
