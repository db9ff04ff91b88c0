import type { ChosenBackend } from "@awp/core";
import { writeWhole } from "@awp/core/node";
import { join } from "node:path";
import type { Share } from "../options/parsers";
import type { Progress } from "../terminal/progress";
import { printLine, type Terminal } from "../terminal/terminal";
import type { TrainConfig } from "./config/schema";
import { calledAs, nextSteps, resultTable } from "./report";
import type { RunOutcome, RunResult } from "./run";

/** What is told of a run. */
export interface Told {
  readonly config: TrainConfig;
  readonly backend: ChosenBackend;
  readonly directory: string;
  readonly outcomes: readonly RunOutcome[];
  readonly results: readonly RunResult[];
  /** What has ended them, where they are not through. */
  readonly by: string;
  /** As a document alone. */
  readonly json: boolean;
  /** Which of the trainings they are; undefined is all. */
  readonly share: Share | undefined;
}

/** Prints what the trainings came to, and keeps it where all are done. */
export async function tell(
  { config, backend, directory, outcomes, results, by, json, share }: Told,
  progress: Progress,
  terminal: Terminal,
): Promise<void> {
  const paused = results.length < outcomes.length ? { by, outcomes } : null;
  const report = { folder: directory, backend, config, paused, results };
  const document = `${JSON.stringify(report, null, 2)}\n`;
  progress.stop();
  if (json) terminal.stdout.write(document);
  const awp = calledAs(process.env["npm_lifecycle_event"]);
  if (paused !== null) {
    if (!json && results.length > 0) printLine(terminal, `\n${resultTable(config, results)}\n`);
    const again = share === undefined ? "--resume" : `--share ${share.index}/${share.of}`;
    return progress.note(`Ended early by ${paused.by}; go on with: ${awp} train ${again} --output ${directory}`);
  }
  if (share === undefined) await writeWhole(join(directory, "results.json"), document);
  if (!json) printLine(terminal, `\n${resultTable(config, results)}\n`);
  if (share !== undefined)
    return progress.note(`The results of all shares, once they are done: ${awp} train --resume --output ${directory}`);
  for (const line of nextSteps(config, awp)) progress.note(line);
}
