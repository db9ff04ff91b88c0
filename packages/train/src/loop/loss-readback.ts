import type { Scalar } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { EpochProgress } from "../store/checkpoint-state";

type LossSum = Pick<EpochProgress, "lossSum" | "examples">;

/** A mean loss and over how many examples. */
export interface BatchLoss<Loss> {
  readonly loss: Loss;
  readonly rows: number;
}

/** Reads the losses that wait on the device in one go, and frees them. */
export async function readLosses(pending: BatchLoss<Scalar>[]): Promise<readonly BatchLoss<number>[]> {
  const taken = pending.splice(0);
  const stacked = tf.stack(taken.map(({ loss }) => loss));
  tf.dispose(taken.map(({ loss }) => loss));
  try {
    const losses = await stacked.data();
    return taken.map(({ rows }, i) => ({ loss: losses[i] as number, rows }));
  } finally {
    stacked.dispose();
  }
}

/** The sum of the loss over all examples, after `before`, and how many there are. */
export function sumLosses(
  losses: readonly BatchLoss<number>[],
  before: LossSum = { lossSum: 0, examples: 0 },
): LossSum {
  return losses.reduce(
    ({ lossSum, examples }, { loss, rows }) => ({ lossSum: lossSum + loss * rows, examples: examples + rows }),
    before,
  );
}

/** The mean loss over all examples. */
export const meanLoss = ({ lossSum, examples }: LossSum): number => lossSum / examples;
