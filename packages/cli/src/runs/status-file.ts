import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { figure, readJson } from "./json-file";

const states = ["running", "paused", "done", "failed"] as const;

const schema = z.object({
  state: z.enum(states),
  /** When this was written, in milliseconds since 1970. */
  at: z.number(),
  /** Each training's, by its path within the run. */
  trainings: z.record(
    z.string(),
    z.object({
      state: z.enum(["training", "evaluating", ...states]),
      /** The epoch, from 0 as in `metrics.jsonl`. */
      epoch: z.int(),
      /** How many steps of that epoch are done. */
      step: z.int(),
      stepsPerEpoch: z.int(),
      loss: figure,
    }),
  ),
});

/** How far a run is, in more detail than its epochs, and whether it still runs. */
export type RunStatus = z.output<typeof schema>;

export type TrainingStatus = RunStatus["trainings"][string];

const fileName = "status.json";

/** The status of the run in a folder; undefined where it has none. */
export function readStatus(run: string): Promise<RunStatus | undefined> {
  return readJson(join(run, fileName), schema);
}

/** Writes the status whole. It is for who looks on: where it cannot be written, the training goes on without. */
export function writeStatus(run: string, status: RunStatus): void {
  const path = join(run, fileName);
  try {
    writeFileSync(`${path}.partial`, `${JSON.stringify(status)}\n`);
    renameSync(`${path}.partial`, path);
  } catch {
    // Nobody looks on then.
  }
}
