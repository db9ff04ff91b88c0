import { mkdir } from "node:fs/promises";
import * as tf from "@tensorflow/tfjs-core";
import { writeCheckpoint } from "../store/checkpoint";
import { compiledTrainStep } from "../step/compiled-train-step";
import { type CheckpointState, firstState } from "../store/checkpoint-state";
import { trainEpoch } from "./epoch";
import { appendMetrics } from "../store/metrics-file";
import { requireNoRun, resumeRun } from "../store/resume";
import { runDirectory } from "../store/run-directory";
import { runIdentity } from "../store/run-identity";
import { collapseAt, type Selection, selectBest } from "./selection";
import { requireTrainOptions, type TrainOptions } from "./train-options";
import { requireFinite } from "./require-finite";
import { scheduleSamples } from "./schedule-samples";
import { type TrainStep, trainStep } from "../step/train-step";
import type { Best, EpochEvent, Metrics, TrainEvent } from "./training-event";

/** What a training came to. */
export interface TrainSummary {
  /** Epochs done, those before a resume included. */
  readonly epochs: number;
  /** Updates made. */
  readonly steps: number;
  /** Figures of the last epoch. */
  readonly metrics: Metrics;
  /** The best epoch, if one was selected. */
  readonly best: Best | null;
  /** Where the best epoch's weights are stored. */
  readonly bestDirectory?: string;
}

/**
 * Trains the network in place and reports on the way: an async generator of {@link TrainEvent}s.
 *
 * With `checkpoint` it stores what it needs to go on after a kill at any moment; resumed with the same options it ends
 * with the weights of an unbroken run, bit for bit on a deterministic backend.
 *
 * @throws ArgumentError for options that cannot work, before any step
 * @throws AwpError if the checkpoint to resume from is damaged or of another run, before any step
 * @throws CollapseError when the loss or a weight is no longer finite; what is stored is from before that
 */
export async function* train(options: TrainOptions): AsyncGenerator<TrainEvent, TrainSummary> {
  requireTrainOptions(options);
  if (options.compile !== true) return yield* trainWith(trainStep(options), options);
  const step = compiledTrainStep(options);
  try {
    return yield* trainWith(step, options);
  } finally {
    step.dispose();
  }
}

async function* trainWith(step: TrainStep, options: TrainOptions): AsyncGenerator<TrainEvent, TrainSummary> {
  const { network, optimizer, schedule, epochs, stepsPerEpoch, random, evaluate, selection, chance, signal } = options;
  const { warmupEpochs = 0, reportEvery = 10, checkpoint, resume = false } = options;
  const { everyEpochs = 10 } = checkpoint ?? {};
  const directory = checkpoint && runDirectory(checkpoint.directory, checkpoint.keep);

  if (directory) await mkdir(directory.path, { recursive: true });
  let state: CheckpointState = firstState(runIdentity(options), tf.getBackend(), scheduleSamples(schedule, epochs));
  if (directory && resume) state = yield* resumeRun(directory, options, state);
  else if (directory) await requireNoRun(directory);
  // So that a run stopped in its first epochs goes on from its own first weights, whatever the network holds by then.
  if (directory && (await directory.newestCheckpoint()) === undefined) {
    await writeCheckpoint(directory.checkpoint(0), network, optimizer, state);
  }
  if (selection?.on === "test") yield selectionWarning(selection);

  while (state.epochs < epochs) {
    const epoch = state.epochs;
    const started = performance.now();
    const { loss, learningRate, batchSize } = yield* trainEpoch({
      step,
      epoch,
      batches: options.batches(epoch, random.fold(0).fold(epoch)),
      stepsPerEpoch,
      batchSize: state.batchSize,
      schedule,
      weightAttackActive: epoch >= warmupEpochs,
      random: random.fold(1).fold(epoch),
      reportEvery,
      signal,
    });
    await requireFinite(network, epoch, stepsPerEpoch);
    const metrics = (await evaluate?.(network, epoch, random.fold(2).fold(epoch))) ?? {};
    const seconds = (performance.now() - started) / 1000;
    const report: EpochEvent = { kind: "epoch", epoch, loss, learningRate, seconds, metrics };
    if (directory) await appendMetrics(directory.metrics, report);
    yield report;

    const collapse = chance && epoch >= warmupEpochs && collapseAt(epoch, metrics, chance);
    if (collapse) yield collapse;

    const best = selection ? selectBest(epoch, metrics, selection, state.best) : state.best;
    const improved = best !== null && best !== state.best;
    const steps = state.steps + stepsPerEpoch;
    state = { ...state, epochs: epoch + 1, steps, batchSize, learningRate, metrics, best };

    if (improved) {
      if (directory) await writeCheckpoint(directory.best(state.epochs), network, optimizer, state);
      yield { kind: "best", ...best, ...(directory && { directory: directory.best(state.epochs) }) };
    }
    if (directory && (state.epochs % everyEpochs === 0 || state.epochs === epochs)) {
      const path = directory.checkpoint(state.epochs);
      await writeCheckpoint(path, network, optimizer, state);
      await directory.prune(best);
      yield { kind: "checkpoint", epoch, directory: path };
    }
  }

  const { steps, metrics, best } = state;
  const bestDirectory = directory && best && { bestDirectory: directory.best(best.epoch + 1) };
  return { epochs: state.epochs, steps, metrics, best, ...bestDirectory };
}

function selectionWarning({ metric }: Selection): TrainEvent {
  const message = `the best epoch is selected by ${metric} on the test set, which flatters the result`;
  return { kind: "warning", message };
}
