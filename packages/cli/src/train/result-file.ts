import { join } from "node:path";
import { writeWhole } from "@awp/core/node";
import { z } from "zod";
import { readJson } from "../runs/json-file";
import type { RunResult } from "./run";
import type { Training } from "./training";

/*
 * What a training has come to, beside it: one that is through is not evaluated again when its run goes on, and the
 * shares of a run find each other's.
 */

const fileName = "result.json";

const share = z.number().min(0).max(1);
const images = z.int();

const schema = z.object({
  train: z.object({ natural: share, pgd: share, images }),
  test: z.object({ natural: share, fgsm: share, pgd: share, images }),
  best: z.object({ epoch: z.int(), metric: z.string(), value: z.number() }).nullable(),
  secondsPerStep: z.number().nullable(),
});

/** The result of a training that is through; undefined of any other. */
export async function readResult(directory: string, training: Training): Promise<RunResult | undefined> {
  const found = await readJson(join(directory, fileName), schema);
  return found && { ...training, ...found };
}

export function writeResult(directory: string, result: RunResult): Promise<void> {
  return writeWhole(join(directory, fileName), `${JSON.stringify(result, null, 2)}\n`);
}
