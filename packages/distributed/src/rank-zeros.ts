import type { Parameters, ProcessGroup } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";

/** Gives the variables, the same on all ranks by name and shape, the values that they have on rank 0. */
export function assignRankZeros(group: ProcessGroup, weights: readonly Parameters[], what: string): void {
  const variables = weights.flatMap((each) => [...each.values()]);
  if (variables.length === 0) return;
  tf.tidy(() => {
    const values = group.broadcast(variables, what);
    for (const [index, variable] of variables.entries()) variable.assign(values[index] as tf.Tensor);
  });
}
