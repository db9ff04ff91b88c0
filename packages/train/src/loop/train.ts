import * as tf from "@tensorflow/tfjs-core";
import { epochStart, firstState } from "../store/checkpoint-state";
import { trainEpoch } from "./epoch";
import { epochSteps, type EpochSteps } from "./epoch-steps";
import { evaluation } from "./evaluation";
import { meanLoss } from "./loss-readback";
import { scheduleSamples } from "../optimizer/schedule-samples";
import type { Best, Metrics } from "../store/metrics";
import { runIdentity } from "../store/run-identity";
import { runRecord } from "./run-record";
import { collapseAt, type Selection, selectBest } from "./selection";
import { requireTrainOptions, type TrainOptions } from "./train-options";
import { requireFinite } from "./require-finite";
import type { EpochEvent, Pause, TrainEvent } from "./training-event";

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
  /** The place of the best epoch's weights, if there is one and the training has a store. */
  readonly bestPlace: string | undefined;
  /** Where it was paused, unless it came to its end. */
  readonly paused: Pause | undefined;
}

/**
 * Trains the network in place and reports on the way: an async generator of {@link TrainEvent}s.
 *
 * With a `store` it keeps what it needs to go on after a kill at any moment; resumed with the same options it ends with
 * the weights of an unbroken run, bit for bit on a deterministic backend. `pause` ends it after the running step, in the
 * same way.
 *
 * @throws ArgumentError for options that cannot work, before any step
 * @throws AwpError if the checkpoint to resume from is damaged or of another run, before any step
 * @throws CollapseError when the loss or a weight is no longer finite; what is stored is from before that
 */
export async function* train(options: TrainOptions): AsyncGenerator<TrainEvent, TrainSummary> {
  requireTrainOptions(options);
  const stepsOf = epochSteps(options);
  try {
    return yield* trainWith(stepsOf, options);
  } finally {
    stepsOf.dispose();
  }
}

/** What each fold of a training's random value is for. */
const draws = { order: 0, training: 1, evaluation: 2 } as const;

async function* trainWith(stepsOf: EpochSteps, options: TrainOptions): AsyncGenerator<TrainEvent, TrainSummary> {
  const { network, schedule, epochs, stepsPerEpoch, random, selection, chance, signal, pause } = options;
  const { warmupEpochs = 0, reportEvery = 10, checkpointEvery = 10 } = options;

  const run = runRecord(options);
  const figures = evaluation(options);
  const momenta = options.momentumSchedule && { momentumSchedule: scheduleSamples(options.momentumSchedule, epochs) };
  const rates = { schedule: scheduleSamples(schedule, epochs), ...momenta };
  const first = firstState(runIdentity(options), tf.getBackend(), rates);
  let state = yield* run.begin(first);
  let paused: Pause | undefined;
  if (selection?.on === "test") yield selectionWarning(selection);

  while (state.epochs < epochs) {
    const epoch = state.epochs;
    const { within, learningRate, batchSize } = yield* trainEpoch({
      step: stepsOf.epoch(epoch),
      epoch,
      within: state.within,
      batches: () => options.batches(epoch, random.fold(draws.order).fold(epoch)),
      stepsPerEpoch,
      batchSize: state.batchSize,
      learningRate: state.learningRate,
      schedule,
      momentumSchedule: options.momentumSchedule,
      weightAttackActive: epoch >= warmupEpochs,
      random: random.fold(draws.training).fold(epoch),
      reportEvery,
      signal,
      pause,
    });
    await requireFinite(network, epoch, within.step);
    state = { ...state, within, steps: epoch * stepsPerEpoch + within.step, batchSize, learningRate };

    const started = performance.now();
    const metrics = await figures(epoch, random.fold(draws.evaluation).fold(epoch));
    if (metrics === undefined) {
      paused = await run.pause(state);
      yield { kind: "paused", ...paused };
      break;
    }
    const seconds = within.seconds + (performance.now() - started) / 1000;
    const report: EpochEvent = { kind: "epoch", epoch, loss: meanLoss(within), learningRate, seconds, metrics };
    await run.epoch(report);
    yield report;

    const collapse = chance && epoch >= warmupEpochs && collapseAt(epoch, metrics, chance);
    if (collapse) yield collapse;

    const best = selection ? selectBest(epoch, metrics, selection, state.best) : state.best;
    const improved = best !== null && best !== state.best;
    state = { ...state, epochs: epoch + 1, within: epochStart, metrics, best };

    if (improved) {
      await run.best(state);
      yield { kind: "best", ...best, place: run.bestPlace(state) };
    }
    if (state.epochs % checkpointEvery === 0 || state.epochs === epochs) yield* run.checkpoint(state);
  }

  const { steps, metrics, best } = state;
  return { epochs: state.epochs, steps, metrics, best, bestPlace: run.bestPlace(state), paused };
}

function selectionWarning({ metric }: Selection): TrainEvent {
  const message = `the best epoch is selected by ${metric} on the test set, which flatters the result`;
  return { kind: "warning", message };
}
