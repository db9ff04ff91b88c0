import type { Scalar } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

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

/** The mean loss over all examples. */
export function meanLoss(losses: readonly BatchLoss<number>[]): number {
  const rows = losses.reduce((sum, batch) => sum + batch.rows, 0);
  return losses.reduce((sum, batch) => sum + batch.loss * batch.rows, 0) / rows;
}
