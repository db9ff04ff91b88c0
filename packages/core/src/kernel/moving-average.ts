import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import { type ContractKernel, runNamedKernel } from "./kernel";

export const movingAverage: ContractKernel<"MovingAverage"> = {
  name: "MovingAverage",
  composite: ({ average, value }, { momentum, factor }) =>
    tf.add(tf.mul(average, 1 - momentum), tf.mul(tf.mul(value, factor), momentum)),
};

/** Moves a running average by `momentum`, in [0, 1], towards `factor` times a value of the same shape. */
export function updateMovingAverage(average: Variable, value: Tensor, momentum: number, factor = 1): void {
  const moved = runNamedKernel(movingAverage, { average, value }, { momentum, factor });
  average.assign(moved);
  moved.dispose();
}
