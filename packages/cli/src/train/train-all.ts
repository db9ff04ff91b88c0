import { type ChosenBackend, useBackend } from "@awp/core";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fasterEngine } from "../backends/faster-engine";
import { type ExitCode, exitCodes } from "../exit-code";
import { type Progress, progressOn } from "../terminal/progress";
import { printLine, type Terminal } from "../terminal/terminal";
import { UsageError } from "../usage-error";
import type { TrainConfig } from "./config/schema";
import { download } from "./download";
import { about, passesOf } from "./estimate";
import { type Images, loadImages } from "./images";
import type { Job } from "./job";
import type { Onlooker } from "./onlooker";
import { calledAs, nextSteps, planOf, resultTable } from "./report";
import type { RunOutcome, RunResult } from "./run";
import { newRun } from "./run-folder";
import { type EndState, statusOf } from "./status";
import { type Stop, stopRequests } from "../terminal/signals";
import { pathOf, titleOf, trainingsOf } from "./training";
import { watch } from "./watch";
import { runWorkers } from "./workers";

export interface TrainAllOptions {
  /** The folder of an earlier run, to go on with. */
  readonly folder: string | undefined;
  readonly dryRun: boolean;
  readonly download: boolean;
  /** Seconds after which the command ends. */
  readonly maxTime: number | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** Trains with each method of the settings, and tells what came of it. */
export async function trainAll(config: TrainConfig, options: TrainAllOptions, terminal: Terminal): Promise<ExitCode> {
  const stop = stopRequests(options.maxTime);
  const progress = progressOn(terminal, options);
  try {
    if (options.download) await download(config, progress, stop.pause);
    const backend = await useBackend(config.backend ?? undefined);
    const images = await loadImages({ ...config, seed: config.seeds[0] as number });
    requireBatch(config, images);
    const work = { config, backend, images, progress, stop };
    return options.dryRun ? await dryRun(work, options, terminal) : await wholeRun(work, options, terminal);
  } catch (error) {
    if (error !== stop.pause.reason || !stop.pause.aborted) throw error;
    return exitCodes.paused; // while fetching, which goes on next time
  } finally {
    progress.stop();
    stop.release();
  }
}

interface Work {
  readonly config: TrainConfig;
  readonly backend: ChosenBackend;
  readonly images: Images;
  readonly progress: Progress;
  readonly stop: Stop;
}

async function wholeRun(work: Work, { folder: earlier, json }: TrainAllOptions, terminal: Terminal): Promise<ExitCode> {
  const { config, stop } = work;
  const directory = earlier ?? (await newRun(config));
  const jobs = { config, directory, resume: earlier !== undefined, dryRun: false };
  const status = statusOf(directory);
  let state: EndState = "failed";
  try {
    const { outcomes } = await trained(work, jobs, `kept in ${directory}`, [
      status,
      ...(await writers(directory, config)),
    ]);
    const results = outcomes.flatMap((outcome) => (outcome.kind === "done" ? [outcome.result] : []));
    state = results.length < outcomes.length ? "paused" : "done";
    if (stop.kill.aborted) return exitCodes.interrupted;
    await tell(work, { directory, outcomes, results, json }, terminal);
    return state === "paused" ? exitCodes.paused : exitCodes.done;
  } finally {
    status.end(state);
  }
}

/** What writes files beside the metrics. It is loaded where it is wanted alone: figures come with it. */
async function writers(directory: string, config: TrainConfig): Promise<readonly Onlooker[]> {
  return config.tensorboard ? [(await import("./tensorboard")).tensorBoardOf(directory, config)] : [];
}

interface Told extends Pick<TrainAllOptions, "json"> {
  readonly directory: string;
  readonly outcomes: readonly RunOutcome[];
  readonly results: readonly RunResult[];
}

/** Prints what the trainings came to, and keeps it where all are done. */
async function tell(
  { config, backend, progress, stop }: Work,
  { directory, outcomes, results, json }: Told,
  terminal: Terminal,
): Promise<void> {
  const by = stop.pause.aborted ? String(stop.pause.reason) : "a signal to one of its processes";
  const paused = results.length < outcomes.length ? { by, outcomes } : null;
  const report = { folder: directory, backend, config, paused, results };
  const document = `${JSON.stringify(report, null, 2)}\n`;
  progress.stop();
  if (json) terminal.stdout.write(document);
  const awp = calledAs(process.env["npm_lifecycle_event"]);
  if (paused !== null) {
    if (!json && results.length > 0) printLine(terminal, `\n${resultTable(config, results)}\n`);
    return progress.note(`Ended early by ${paused.by}; go on with: ${awp} train --resume --output ${directory}`);
  }
  await writeFile(join(directory, "results.json"), document);
  if (!json) printLine(terminal, `\n${resultTable(config, results)}\n`);
  for (const line of nextSteps(config, awp)) progress.note(line);
}

/** Two steps of everything, in a folder that is gone afterwards. */
async function dryRun(work: Work, { json }: TrainAllOptions, terminal: Terminal): Promise<ExitCode> {
  const { config, backend, progress, stop } = work;
  const directory = await mkdtemp(join(tmpdir(), "awp-dry-run-"));
  try {
    const schedule = { ...config.schedule, name: "constant" } as const;
    const short: TrainConfig = { ...config, epochs: 1, warmupEpochs: 0, checkpointEvery: 1, schedule };
    const jobs = { config: short, directory, resume: false, dryRun: true };
    const { seconds } = await trained(work, jobs, "a dry run: two steps of everything, and nothing is kept");
    if (stop.pause.aborted) return exitCodes.interrupted;
    if (json) printLine(terminal, JSON.stringify({ dryRun: true, backend, config, seconds: seconds ?? null }, null, 2));
    const whole = seconds === undefined ? "" : `; by these steps the whole takes ${about(seconds)}`;
    progress.note(`All of it works on ${backend.name}${whole}`);
    return exitCodes.done;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The outcomes of all methods, and how many seconds the whole takes by its first steps. */
async function trained(
  { config, backend, images, progress, stop }: Work,
  { directory, ...job }: Pick<Job, "config" | "directory" | "resume" | "dryRun">,
  keeping: string,
  onlookers: readonly Onlooker[] = [],
): Promise<{ readonly outcomes: readonly RunOutcome[]; readonly seconds: number | undefined }> {
  const trainings = trainingsOf(config);
  const parallel = Math.min(trainings.length, config.jobs ?? jobsOn(backend));
  const faster = fasterEngine(backend);
  const view = watch({
    progress,
    plan: planOf(config, images, backend, parallel),
    notes: [
      `backend ${backend.name}: ${backend.device} (${backend.reason})`,
      ...(faster === undefined ? [] : [faster]),
      keeping,
    ],
    epochs: job.config.epochs,
    trainings: trainings.map((training) => ({
      path: pathOf(training),
      title: titleOf(training, config),
      passes: passesOf(training.method, config, images),
    })),
    parallel,
  });
  const jobs = trainings.map((training) => ({
    ...job,
    training,
    backend: backend.name,
    directory: join(directory, pathOf(training)),
  }));
  try {
    const outcomes = await runWorkers(jobs, {
      ...{ parallel, stop },
      onEvent({ training }, event) {
        for (const onlooker of [view, ...onlookers]) onlooker.show(pathOf(training), event);
      },
      onOutcome({ training }, outcome) {
        for (const onlooker of onlookers) onlooker.ended?.(pathOf(training), outcome);
      },
    });
    return { outcomes, seconds: view.estimate() };
  } finally {
    view.end();
  }
}

/** How many trainings help each other on a backend: wasm and cpu use one core each. */
function jobsOn({ name }: ChosenBackend): number {
  return name === "wasm" || name === "cpu" ? availableParallelism() : 1;
}

function requireBatch({ batchSize }: TrainConfig, { train }: Images): void {
  const { length } = train.indices;
  if (batchSize > length)
    throw new UsageError(`batchSize: ${batchSize}; wanted at most ${length}, the training images`);
}
