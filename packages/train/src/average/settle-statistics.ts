import type { Batch, NamedTensors, Network } from "@awp/core";
import { recomputedStatistics } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { assignAll, type WeightAverage } from "./weight-average";
import { withAverage } from "./with-average";

type Batches = Iterable<Batch> | AsyncIterable<Batch>;

/**
 * Gives the average the statistics that it is evaluated with, at the end of an epoch. `batches` makes those of the epoch
 * once more, where they are needed; each is disposed. Where several processes have a share of each, `means` is over them.
 *
 * Throws the signal's reason between two batches; the statistics are then as they were.
 */
export async function settleStatistics(
  network: Network,
  average: WeightAverage,
  batches: () => Batches,
  signal: AbortSignal,
  means?: (own: NamedTensors) => NamedTensors,
): Promise<void> {
  average.prepare(network);
  if (average.statistics === "average" || network.buffers.size === 0) return;
  if (average.statistics === "live") return assignAll(average.weights.buffers, network.buffers);
  // The buffers stay the network's meanwhile: what is no statistic, a count for example, is taken from there.
  const parametersAlone = { parameters: network.parameters, buffers: new Map() };
  const own = await withAverage(parametersAlone, average, () => recomputedStatistics(network, batches(), signal));
  try {
    const fresh = means?.(own) ?? own;
    for (const [name, buffer] of average.weights.buffers) buffer.assign(fresh.get(name) as tf.Tensor);
    tf.dispose([...fresh.values()]);
  } finally {
    tf.dispose([...own.values()]);
  }
}
