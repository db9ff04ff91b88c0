import { AwpError } from "@awp/core";
import type { EpochFigures } from "@awp/report";
import { z } from "zod";
import { figure, problemOf, textOf } from "./json-file";

const row = z.object({
  epoch: z.int().min(0),
  loss: figure,
  learningRate: z.number(),
  seconds: z.number().optional(),
  metrics: z.record(z.string(), figure),
});

/** An epoch's figures, and the seconds that it took where the file tells. */
export interface TimedEpoch extends EpochFigures {
  readonly seconds?: number;
}

/**
 * The epochs of a `metrics.jsonl`, ascending; none where there is no file. A last line that is still being written is
 * left out.
 *
 * @throws AwpError that names the file and the line.
 */
export async function readMetrics(path: string): Promise<readonly TimedEpoch[]> {
  const lines = ((await textOf(path)) ?? "").split("\n");
  const epochs: TimedEpoch[] = [];
  for (const [i, line] of lines.entries()) {
    const where = `${path}:${i + 1}`;
    const value = parsed(line);
    if (value === undefined) {
      if (i === lines.length - 1) break;
      throw new AwpError(`${where}: no JSON: damaged, or written by halves`);
    }
    const result = row.safeParse(value);
    if (!result.success) throw new AwpError(`${where}: ${problemOf(result.error.issues[0] as z.core.$ZodIssue)}`);
    const { epoch, seconds, ...figures } = result.data;
    if (epoch < (epochs.at(-1)?.epoch ?? 0)) throw new AwpError(`${where}: epoch ${epoch} is there already`);
    epochs.push({ epoch: epoch + 1, ...figures, ...(seconds !== undefined && { seconds }) });
  }
  return epochs;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
