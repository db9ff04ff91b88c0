import type { NetworkWeights } from "@awp/core";
import { requireUnperturbed } from "@awp/perturb";
import * as tf from "@tensorflow/tfjs-core";
import { assignAll, type WeightAverage } from "./weight-average";

/**
 * Runs `body` with the averaged weights and statistics in the network, and puts its own back, bit for bit, also when
 * `body` throws. What `body` returns is its caller's. Do not train the network meanwhile.
 *
 * @example
 * const { robustAccuracy } = await withAverage(network, average, () =>
 *   drain(evaluate({ classifier, attack, batches: testBatches, random: random(0) })),
 * );
 * @throws AwpError for weights that a perturbation displaces
 */
export async function withAverage<T>(
  network: NetworkWeights,
  average: WeightAverage,
  body: () => T | Promise<T>,
): Promise<T> {
  requireUnperturbed(network.parameters);
  average.prepare(network);
  const variables = [...network.parameters.values(), ...network.buffers.values()];
  // Kept, as the way back is taken after the scope of the call has ended. They share the weights' storage.
  const own = variables.map((variable) => tf.keep<tf.Tensor>(tf.clone(variable)));
  try {
    assignAll(network.parameters, average.weights.parameters);
    assignAll(network.buffers, average.weights.buffers);
    return await body();
  } finally {
    for (const [i, variable] of variables.entries()) variable.assign(own[i] as tf.Tensor);
    tf.dispose(own);
  }
}
