import * as tf from "@tensorflow/tfjs-core";
import { type CheckpointState, epochStart, firstState } from "../store/checkpoint-state";
import { CollapseError } from "./collapse-error";
import { trainEpoch } from "./epoch";
import { epochSteps, type EpochSteps } from "./epoch-steps";
import { evaluation } from "./evaluation";
import { meanLoss } from "./loss-readback";
import { watchedAt } from "./overfitting";
import { outOfPatience } from "./patience";
import { rollBack } from "./rollback";
import type { Schedule } from "../optimizer/schedule";
import { scheduleSamples } from "../optimizer/schedule-samples";
import { runIdentity } from "../store/run-identity";
import { type RunRecord, runRecord } from "./run-record";
import { collapseAt, type Selection, selectBest } from "./selection";
import { requireTrainOptions, type TrainOptions } from "./train-options";
import { requireFinite } from "./require-finite";
import type { TrainSummary } from "./train-summary";
import type { EpochEvent, Pause, TrainEvent } from "./training-event";

/**
 * Trains the network in place and reports on the way: an async generator of {@link TrainEvent}s.
 *
 * With a `store` it keeps what it needs to go on after a kill at any moment; resumed with the same options it ends with
 * the weights of an unbroken run, bit for bit on a deterministic backend. `pause` ends it after the running step, in the
 * same way.
 *
 * @example
 * const training = train({
 *   network,
 *   defense: adversarialTraining({ attack: pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 10 }) }),
 *   weightAttack: awp({ gamma: 0.01 }),
 *   optimizer: sgd({ momentum: 0.9, weightDecay: 5e-4 }),
 *   schedule: schedules.piecewise({ learningRate: 0.1, epochs: 200 }),
 *   epochs: 200,
 *   batches: (_, order) => batches(trainSet, { batchSize: 128, random: order }),
 *   stepsPerEpoch: batchCount(trainSet, { batchSize: 128 }),
 *   random: random(0),
 * });
 * for await (const event of training) if (event.kind === "epoch") console.log(event.epoch, event.loss);
 * @throws ArgumentError for options that cannot work, before any step
 * @throws AwpError if the checkpoint to resume from is damaged or of another run, before any step
 * @throws CollapseError when the loss or a weight is no longer finite, after the rollbacks asked for; what is stored is from
 * before that
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
const draws = { order: 0, training: 1, evaluation: 2, rollback: 3 } as const;

async function* trainWith(stepsOf: EpochSteps, options: TrainOptions): AsyncGenerator<TrainEvent, TrainSummary> {
  const { network, schedule, epochs, momentumSchedule, selection, rollback, average } = options;
  average?.prepare(network);
  const run = runRecord(options);
  const momenta = momentumSchedule && { momentumSchedule: scheduleSamples(momentumSchedule, epochs) };
  const rates = { schedule: scheduleSamples(schedule, epochs), ...momenta };
  const first = firstState(runIdentity(options), tf.getBackend(), rates);
  let state = yield* run.begin(first);
  if (selection?.on === "test") yield selectionWarning(selection);
  for (;;) {
    try {
      return yield* trainFrom(state, stepsOf, run, options);
    } catch (error) {
      state = yield* rollBack(error, state, rollback, run);
    }
  }
}

/** Trains to the end, a pause or a collapse, which it throws. */
async function* trainFrom(
  start: CheckpointState,
  stepsOf: EpochSteps,
  run: RunRecord,
  options: TrainOptions,
): AsyncGenerator<TrainEvent, TrainSummary> {
  const { network, epochs, stepsPerEpoch, selection, chance, overfitting, average, patience, signal, pause } = options;
  const { warmupEpochs = 0, reportEvery = 10, checkpointEvery = 10 } = options;
  const { rollbacks, rateFactor } = start;
  const random = rollbacks === 0 ? options.random : options.random.fold(draws.rollback).fold(rollbacks);
  const schedule: Schedule = (t) => options.schedule(t) * rateFactor;
  const figures = evaluation(options);
  let state = start;
  let paused: Pause | undefined;

  while (state.epochs < epochs && !outOfPatience(state, patience)) {
    const epoch = state.epochs;
    const batches = () => options.batches(epoch, random.fold(draws.order).fold(epoch));
    const { within, learningRate, batchSize } = yield* trainEpoch({
      step: stepsOf.epoch(epoch),
      epoch,
      within: state.within,
      batches,
      stepsPerEpoch,
      batchSize: state.batchSize,
      learningRate: state.learningRate,
      schedule,
      momentumSchedule: options.momentumSchedule,
      weightAttackActive: epoch >= warmupEpochs,
      random: random.fold(draws.training).fold(epoch),
      onUpdate: (done) => average?.update(network, epoch * stepsPerEpoch + done, stepsPerEpoch),
      reportEvery,
      across: options.across,
      signal,
      pause,
    });
    await requireFinite(network, epoch, within.step);
    state = { ...state, within, steps: epoch * stepsPerEpoch + within.step, batchSize, learningRate };

    const started = performance.now();
    const metrics = await figures(epoch, options.random.fold(draws.evaluation).fold(epoch), batches);
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
    if (collapse) {
      yield collapse;
      const what = `${collapse.metric} is ${collapse.value}, no better than a guess,`;
      if (options.rollback !== undefined) throw new CollapseError(epoch, within.step, what);
    }
    const { watched, event } = watchedAt(epoch, metrics, overfitting, state.watched);
    if (event) yield event;

    const best = selection ? selectBest(epoch, metrics, selection, state.best) : state.best;
    const improved = best !== null && best !== state.best;
    state = { ...state, epochs: epoch + 1, within: epochStart, metrics, best, watched };

    if (improved) {
      await run.best(state);
      yield { kind: "best", ...best, place: run.bestPlace(state) };
    }
    const last = state.epochs === epochs || outOfPatience(state, patience);
    if (last || state.epochs % checkpointEvery === 0) {
      state = { ...state, back: state.epochs };
      yield* run.checkpoint(state);
    }
  }

  const { steps, metrics, best } = state;
  const stopped = paused === undefined && state.epochs < epochs;
  if (stopped && best) yield { kind: "stopped", epoch: state.epochs - 1, best };
  return { epochs: state.epochs, steps, metrics, best, bestPlace: run.bestPlace(state), paused, stopped };
}

function selectionWarning({ metric }: Selection): TrainEvent {
  const message = `the best epoch is selected by ${metric} on the test set, which flatters the result`;
  return { kind: "warning", message };
}
