import type { Batch, Random } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import type { Scalar } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { CollapseError } from "./collapse-error";
import { type BatchLoss, meanLoss, readLosses } from "./loss-readback";
import type { Schedule } from "../optimizer/schedule";
import type { TrainStep } from "../step/train-step";
import type { StepEvent } from "./training-event";

export interface EpochOptions {
  readonly step: TrainStep;
  readonly epoch: number;
  readonly batches: Iterable<Batch> | AsyncIterable<Batch>;
  readonly stepsPerEpoch: number;
  /** Rows of the first batch, if they are known from an epoch before. */
  readonly batchSize: number | undefined;
  readonly schedule: Schedule;
  readonly weightAttackActive: boolean;
  readonly random: Random;
  readonly reportEvery: number;
  readonly signal: AbortSignal | undefined;
}

export interface EpochResult {
  readonly loss: number;
  readonly learningRate: number;
  readonly batchSize: number;
}

/** One pass over the batches. Losses are read back in blocks, so that the device need not wait for each step. */
export async function* trainEpoch(options: EpochOptions): AsyncGenerator<StepEvent, EpochResult> {
  const { epoch, stepsPerEpoch, schedule, weightAttackActive, random, reportEvery, signal } = options;
  const pending: BatchLoss<Scalar>[] = [];
  const seen: BatchLoss<number>[] = [];
  let { batchSize = 0 } = options;
  let learningRate = 0;
  let step = 0;
  let reported = performance.now();
  try {
    for await (const batch of options.batches) {
      try {
        signal?.throwIfAborted();
        const rows = batch.images.shape[0];
        if (step === 0) batchSize ||= rows;
        requireArgument(step > 0 || rows === batchSize, "batches", rows, `${batchSize} images in a batch, as before`);
        requireArgument(step < stepsPerEpoch, "stepsPerEpoch", stepsPerEpoch, "as many as there are batches");
        step++;
        learningRate = schedule(epoch + step / stepsPerEpoch);
        const { loss } = options.step(batch, random.fold(step), { learningRate, weightAttackActive });
        pending.push({ loss, rows });
      } finally {
        tf.dispose([batch.images, batch.labels]);
      }
      if (pending.length < reportEvery && step < stepsPerEpoch) continue;
      const losses = await readLosses(pending);
      const lost = losses.findIndex(({ loss }) => !Number.isFinite(loss));
      if (lost >= 0)
        throw new CollapseError(epoch, step - losses.length + lost + 1, `the loss is ${losses[lost]?.loss}`);
      seen.push(...losses);
      const secondsPerStep = (performance.now() - reported) / 1000 / losses.length;
      yield { kind: "step", epoch, step, stepsPerEpoch, loss: meanLoss(losses), learningRate, secondsPerStep };
      reported = performance.now();
      await tf.nextFrame(); // lets timers and signals in: on some backends nothing above leaves the microtasks
    }
  } finally {
    tf.dispose(pending.map(({ loss }) => loss));
  }
  requireArgument(step === stepsPerEpoch, "stepsPerEpoch", stepsPerEpoch, `${step}, the number of batches`);
  return { loss: meanLoss(seen), learningRate, batchSize };
}
