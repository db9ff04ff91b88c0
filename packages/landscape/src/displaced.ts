import type { Batch, NamedTensors, Network } from "@awp/core";
import { recomputedStatistics } from "@awp/core/authoring";
import { weightPerturbation, withPerturbation } from "@awp/perturb";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { LandscapeAxis } from "./grid";

/**
 * What batch normalisation normalises with in evaluation mode, away from the centre.
 *
 * - `"centre"`: the running statistics of the network as it is given, as papers do. Far from the centre they are none of
 *   the displaced network's.
 * - `"recalibrated"`: those that the clean batches have at that point, in one more pass over them.
 */
export type LandscapeStatistics = "centre" | "recalibrated";

export interface DisplacedOptions {
  readonly network: Network;
  readonly axes: readonly LandscapeAxis[];
  readonly statistics: LandscapeStatistics;
  readonly batches: () => Iterable<Batch> | AsyncIterable<Batch>;
  readonly signal: AbortSignal | undefined;
}

/** Runs `body` with the network at a point of its axes, and puts weights and statistics back bit for bit, whatever happens. */
export async function displaced<T>(
  { network, axes, statistics, batches, signal }: DisplacedOptions,
  at: readonly number[],
  body: () => Promise<T>,
): Promise<T> {
  const displacement = weightPerturbation(combined(axes, at));
  try {
    return await withPerturbation(network.parameters, displacement, () =>
      statistics === "centre" ? body() : recalibrated(network, batches(), body, signal),
    );
  } finally {
    displacement.dispose();
  }
}

/** The sum of the directions, each times its position. */
function combined(axes: readonly LandscapeAxis[], at: readonly number[]): NamedTensors {
  const sums = new Map<string, Tensor>();
  for (const [axis, { direction }] of axes.entries()) {
    for (const [name, delta] of direction.deltas) {
      const before = sums.get(name);
      const after = tf.tidy(() => {
        const term = tf.mul(delta, at[axis] as number);
        return before === undefined ? term : tf.add(before, term);
      });
      sums.set(name, after);
      before?.dispose();
    }
  }
  return sums;
}

async function recalibrated<T>(
  network: Network,
  batches: Iterable<Batch> | AsyncIterable<Batch>,
  body: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const fresh = await recomputedStatistics(network, batches, signal);
  const { buffers } = network;
  const own = new Map([...buffers].map(([name, buffer]) => [name, tf.clone(buffer) as Tensor]));
  try {
    for (const [name, buffer] of buffers) buffer.assign(fresh.get(name) as Tensor);
    return await body();
  } finally {
    for (const [name, buffer] of buffers) buffer.assign(own.get(name) as Tensor);
    tf.dispose([...fresh.values(), ...own.values()]);
  }
}
