import type { Batch, Random } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import type { Scalar } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { CollapseError } from "./collapse-error";
import { type BatchLoss, meanLoss, readLosses, sumLosses } from "./loss-readback";
import { oneAhead } from "./one-ahead";
import type { Schedule } from "../optimizer/schedule";
import type { Together } from "./together";
import type { TrainStep } from "../step/train-step";
import type { EpochProgress } from "../store/checkpoint-state";
import type { StepEvent } from "./training-event";

export interface EpochOptions {
  readonly step: TrainStep;
  readonly epoch: number;
  /** What is done of the epoch already: the batches of these steps are passed over. */
  readonly within: EpochProgress;
  /** Makes the batches of the whole epoch. */
  readonly batches: () => Iterable<Batch> | AsyncIterable<Batch>;
  readonly stepsPerEpoch: number;
  /** Rows of the first batch, over all processes, if they are known from an epoch before. */
  readonly batchSize: number | undefined;
  /** The rate of the last step, if there was one. */
  readonly learningRate: number;
  readonly schedule: Schedule;
  readonly momentumSchedule: Schedule | undefined;
  readonly weightAttackActive: boolean;
  readonly random: Random;
  /** Called after each update with the steps done of the epoch. */
  readonly onUpdate: (step: number) => void;
  readonly reportEvery: number;
  readonly across: Together | undefined;
  readonly signal: AbortSignal | undefined;
  /** Ends the pass after the running step. */
  readonly pause: AbortSignal | undefined;
}

export interface EpochResult {
  readonly within: EpochProgress;
  readonly learningRate: number;
  readonly batchSize: number;
}

/** One pass over the batches, or the rest of one. Losses are read back in blocks: the device need not wait for each step. */
export async function* trainEpoch(options: EpochOptions): AsyncGenerator<StepEvent, EpochResult> {
  const { epoch, within, stepsPerEpoch, schedule, weightAttackActive, random, reportEvery } = options;
  const { across, signal, pause } = options;
  const pending: BatchLoss<Scalar>[] = [];
  let { batchSize = 0, learningRate } = options;
  let sum = within;
  let step = 0;
  const started = performance.now();
  let reported = started;
  const paused = (): boolean => pause?.aborted === true;
  const batches = oneAhead(paused() || within.step === stepsPerEpoch ? [] : options.batches());
  try {
    for await (const batch of batches) {
      try {
        signal?.throwIfAborted();
        const rows = batch.images.shape[0];
        if (step === 0) {
          const whole = (await across?.begin(batch)) ?? rows;
          batchSize ||= whole;
          requireArgument(whole === batchSize, "batches", whole, `${batchSize} images in a batch, as before`);
        }
        requireArgument(step < stepsPerEpoch, "stepsPerEpoch", stepsPerEpoch, "as many as there are batches");
        if (++step <= within.step) continue;
        const t = epoch + step / stepsPerEpoch;
        learningRate = schedule(t);
        const momentum = options.momentumSchedule && { momentum: options.momentumSchedule(t) };
        const { loss } = options.step(batch, random.fold(step), { learningRate, ...momentum, weightAttackActive });
        pending.push({ loss, rows });
        options.onUpdate(step);
        if (across) pending.splice(-1, 1, { loss, rows: await across.agree(rows) });
      } finally {
        tf.dispose([batch.images, batch.labels]);
      }
      if (!paused()) batches.prepare(); // before the losses are waited for, so that a GPU computes meanwhile
      await tf.nextFrame(); // lets timers and signals in: on some backends nothing here leaves the microtasks
      if (pending.length < reportEvery && step < stepsPerEpoch && !paused()) continue;
      const losses = await readLosses(pending);
      const lost = losses.findIndex(({ loss }) => !Number.isFinite(loss));
      if (lost >= 0)
        throw new CollapseError(epoch, step - losses.length + lost + 1, `the loss is ${losses[lost]?.loss}`);
      sum = { ...sum, ...sumLosses(losses, sum) };
      const secondsPerStep = (performance.now() - reported) / 1000 / losses.length;
      yield {
        kind: "step",
        epoch,
        step,
        stepsPerEpoch,
        loss: meanLoss(sumLosses(losses)),
        learningRate,
        secondsPerStep,
      };
      reported = performance.now();
      if (paused()) break;
    }
  } finally {
    tf.dispose(pending.map(({ loss }) => loss));
  }
  step = Math.max(step, within.step);
  requireArgument(step === stepsPerEpoch || paused(), "stepsPerEpoch", stepsPerEpoch, `${step}, the number of batches`);
  const seconds = within.seconds + (performance.now() - started) / 1000;
  return { within: { ...sum, step, seconds }, learningRate, batchSize };
}
