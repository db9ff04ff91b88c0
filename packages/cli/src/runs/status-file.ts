import { existsSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Share } from "../options/parsers";
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

/** The name of a run's file, or of a share's, which writes one of its own. */
function nameOf(share?: Share): string {
  return share === undefined ? "status.json" : `status-${share.index}-of-${share.of}.json`;
}

/** The names of all that lie in the folder of a run. */
export function statusFiles(run: string): readonly string[] {
  const names = existsSync(run) ? readdirSync(run) : [];
  return names.filter((name) => /^status(-\d+-of-\d+)?\.json$/.test(name)).map((name) => join(run, name));
}

/** The status of the run in a folder, of all its shares together; undefined where it has none. */
export async function readStatus(run: string): Promise<RunStatus | undefined> {
  const read = await Promise.all(statusFiles(run).map((file) => readJson(file, schema)));
  const found = read.flatMap((each) => each ?? []).sort((a, b) => a.at - b.at);
  const newest = found.at(-1);
  if (newest === undefined) return undefined;
  // The whole run that ends after its shares knows of all of them.
  const whole = await readJson(join(run, nameOf()), schema);
  if (whole?.at === newest.at) return whole;
  const state = states.find((each) => found.some((status) => status.state === each)) ?? newest.state;
  return {
    state,
    at: newest.at,
    trainings: Object.assign({}, ...found.map(({ trainings }) => trainings)) as RunStatus["trainings"],
  };
}

/** Writes the status whole. It is for who looks on: where it cannot be written, the training goes on without. */
export function writeStatus(run: string, status: RunStatus, share?: Share): void {
  const path = join(run, nameOf(share));
  try {
    writeFileSync(`${path}.partial`, `${JSON.stringify(status)}\n`);
    renameSync(`${path}.partial`, path);
  } catch {
    // Nobody looks on then.
  }
}
