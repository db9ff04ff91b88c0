import { type ChosenBackend, useBackend } from "@awp/core";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fasterEngine } from "../backends/faster-engine";
import { type ExitCode, exitCodes } from "../exit-code";
import type { Share } from "../options/parsers";
import type { Ranks } from "../ranks/ranks";
import { endedEarly } from "../terminal/ended-early";
import { type Progress, progressOn } from "../terminal/progress";
import { requeueAfter } from "../terminal/requeue";
import { printLine, type Terminal } from "../terminal/terminal";
import { UsageError } from "../usage-error";
import type { TrainConfig } from "./config/schema";
import { download } from "./download";
import { about, passesOf } from "./estimate";
import { type Images, loadImages } from "./images";
import type { Job } from "./job";
import type { Onlooker } from "./onlooker";
import { planOf } from "./report";
import type { RunOutcome } from "./run";
import { readResult } from "./result-file";
import { newRun } from "./run-folder";
import { runHere } from "./run-here";
import { type EndState, statusOf } from "./status";
import { tell } from "./tell";
import { causeOf, Interrupted, type Stop, stopRequests } from "../terminal/signals";
import { pathOf, titleOf, trainingsOf } from "./training";
import { watch } from "./watch";
import { runWorkers, type WorkersOptions } from "./workers";

export interface TrainAllOptions {
  /** The folder of an earlier run, to go on with. */
  readonly folder: string | undefined;
  readonly dryRun: boolean;
  readonly download: boolean;
  /** Seconds after which the command ends. */
  readonly maxTime: number | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  /** Which of the trainings; undefined is all. */
  readonly share: Share | undefined;
  /** Ask Slurm to start the job again where it tells that its time is over. */
  readonly requeue: boolean;
}

/** Trains with each method of the settings, together with the other ranks, and tells what came of it. */
export async function trainAll(
  config: TrainConfig,
  options: TrainAllOptions,
  terminal: Terminal,
  ranks: Ranks,
): Promise<ExitCode> {
  const own = stopRequests(options.maxTime);
  // Of several ranks a signal to one pauses all.
  const stop = { ...own, pause: ranks.agreed(own.pause) };
  const progress = progressOn(terminal, options);
  try {
    if (options.download) {
      // Rank 0 alone is at it, and hears its own signals: the others learn of them at its end.
      await ranks.first("download", () => download(config, progress, own.pause));
      if (stop.pause.aborted) {
        const told = { terminal, progress, ranks, requeue: options.requeue };
        return await endedEarly(new Interrupted(causeOf(stop.pause)), "what is fetched", told);
      }
    }
    const backend = await useBackend(config.backend ?? undefined);
    const images = await loadImages({ ...config, seed: config.seeds[0] as number });
    requireBatch(config, images);
    const work = { config, backend, images, progress, stop, ranks };
    return options.dryRun ? await dryRun(work, options, terminal) : await wholeRun(work, options, terminal);
  } finally {
    progress.stop();
    own.release();
  }
}

interface Work {
  readonly config: TrainConfig;
  readonly backend: ChosenBackend;
  readonly images: Images;
  readonly progress: Progress;
  readonly stop: Stop;
  readonly ranks: Ranks;
}

async function wholeRun(work: Work, options: TrainAllOptions, terminal: Terminal): Promise<ExitCode> {
  const { config, backend, stop, ranks, progress } = work;
  const { folder: earlier, json, share } = options;
  const directory = earlier ?? (await ranks.first("folder of the run", () => newRun(config)));
  const jobs = { config, directory, resume: earlier !== undefined, dryRun: false };
  const status = ranks.rank === 0 ? statusOf(directory, share) : undefined;
  let state: EndState = "failed";
  try {
    const onlookers = status === undefined ? [] : [status, ...(await writers(directory, config))];
    const { outcomes } = await trained(work, jobs, `kept in ${directory}`, { onlookers, share });
    const results = outcomes.flatMap((outcome) => (outcome.kind === "done" ? [outcome.result] : []));
    state = results.length < outcomes.length ? "paused" : "done";
    if (stop.kill.aborted) return exitCodes.interrupted;
    const by = stop.pause.aborted ? causeOf(stop.pause) : "a signal to one of its processes";
    const told = { config, backend, directory, outcomes, results, by, json, share };
    await ranks.first("results", () => tell(told, progress, terminal));
    if (state === "done") return exitCodes.done;
    if (options.requeue) await requeueAfter(by, ranks, progress);
    return exitCodes.paused;
  } finally {
    status?.end(state);
  }
}

/** What writes files beside the metrics. It is loaded where it is wanted alone: figures come with it. */
async function writers(directory: string, config: TrainConfig): Promise<readonly Onlooker[]> {
  return config.tensorboard ? [(await import("./tensorboard")).tensorBoardOf(directory, config)] : [];
}

/** Two steps of everything, in a folder that is gone afterwards. */
async function dryRun(work: Work, { json }: TrainAllOptions, terminal: Terminal): Promise<ExitCode> {
  const { config, backend, progress, ranks } = work;
  const directory = await ranks.first("folder", () => mkdtemp(join(tmpdir(), "awp-dry-run-")));
  try {
    const schedule = { ...config.schedule, name: "constant" } as const;
    const short: TrainConfig = { ...config, epochs: 1, warmupEpochs: 0, checkpointEvery: 1, schedule };
    const jobs = { config: short, directory, resume: false, dryRun: true };
    const { outcomes, seconds } = await trained(work, jobs, "a dry run: two steps of everything, and nothing is kept");
    if (outcomes.some(({ kind }) => kind === "paused")) return exitCodes.interrupted;
    if (json) printLine(terminal, JSON.stringify({ dryRun: true, backend, config, seconds: seconds ?? null }, null, 2));
    const whole = seconds === undefined ? "" : `; by these steps the whole takes ${about(seconds)}`;
    progress.note(`All of it works on ${backend.name}${whole}`);
    return exitCodes.done;
  } finally {
    if (ranks.rank === 0) await rm(directory, { recursive: true, force: true });
  }
}

interface Trained {
  readonly outcomes: readonly RunOutcome[];
  /** How many seconds the whole takes by its first steps. */
  readonly seconds: number | undefined;
}

/** The outcomes of all trainings, or of a share of them: those that are through are not done again. */
async function trained(
  work: Work,
  { directory, ...job }: Pick<Job, "config" | "directory" | "resume" | "dryRun">,
  keeping: string,
  { onlookers = [], share }: { readonly onlookers?: readonly Onlooker[]; readonly share?: Share | undefined } = {},
): Promise<Trained> {
  const { config, backend, ranks } = work;
  const wanted = trainingsOf(config).filter((_, k) => share === undefined || k % share.of === share.index);
  const jobs = wanted.map((training) => ({
    ...job,
    training,
    backend: backend.name,
    directory: join(directory, pathOf(training)),
  }));
  const earlier = await ranks.first("results so far", () =>
    Promise.all(jobs.map(async (each) => (job.resume ? readResult(each.directory, each.training) : undefined))),
  );
  const known = earlier.map((result): RunOutcome | undefined => result && { kind: "done", result });
  for (const [k, outcome] of known.entries()) {
    if (outcome !== undefined) for (const onlooker of onlookers) onlooker.through?.(pathOf(jobs[k]!.training), outcome);
  }
  const { outcomes, seconds } = await inView(
    work,
    jobs.filter((_, k) => known[k] === undefined),
    keeping,
    onlookers,
  );
  const found = outcomes.values();
  return { outcomes: known.map((outcome) => outcome ?? (found.next().value as RunOutcome)), seconds };
}

/** The outcomes of jobs, which the terminal and the onlookers see. */
async function inView(
  { config, backend, images, progress, stop, ranks }: Work,
  jobs: readonly Job[],
  keeping: string,
  onlookers: readonly Onlooker[],
): Promise<Trained> {
  const [first] = jobs;
  if (first === undefined) return { outcomes: [], seconds: undefined };
  const alone = ranks.group === undefined;
  const parallel = alone ? Math.min(jobs.length, config.jobs ?? jobsOn(backend)) : 1;
  const faster = fasterEngine(backend);
  const trainings = jobs.map(({ training }) => training);
  const view = watch({
    progress,
    plan: planOf(config, images, { trainings, backend, parallel, ranks: ranks.size }),
    notes: [
      `backend ${backend.name}: ${backend.device} (${backend.reason})`,
      ...(faster === undefined ? [] : [faster]),
      keeping,
    ],
    epochs: first.config.epochs,
    trainings: trainings.map((training) => ({
      path: pathOf(training),
      title: titleOf(training, config),
      passes: passesOf(training.method, config, images),
    })),
    parallel,
  });
  const options: Omit<WorkersOptions, "parallel"> = {
    stop,
    onEvent({ training }, event) {
      for (const onlooker of [view, ...onlookers]) onlooker.show(pathOf(training), event);
    },
    onOutcome({ training }, outcome) {
      for (const onlooker of onlookers) onlooker.ended?.(pathOf(training), outcome);
    },
  };
  try {
    const outcomes = alone ? await runWorkers(jobs, { ...options, parallel }) : await runHere(jobs, options, ranks);
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
