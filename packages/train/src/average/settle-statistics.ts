import type { Batch, NamedTensors, Network } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { assignAll, type WeightAverage } from "./weight-average";
import { withAverage } from "./with-average";

type Batches = Iterable<Batch> | AsyncIterable<Batch>;

/**
 * Gives the average the statistics that it is evaluated with, at the end of an epoch. `batches` makes those of the epoch
 * once more, where they are needed; each is disposed.
 *
 * Throws the signal's reason between two batches; the statistics are then as they were.
 */
export async function settleStatistics(
  network: Network,
  average: WeightAverage,
  batches: () => Batches,
  signal: AbortSignal,
): Promise<void> {
  average.prepare(network);
  if (average.statistics === "average" || network.buffers.size === 0) return;
  if (average.statistics === "live") assignAll(average.weights.buffers, network.buffers);
  else await recompute(network, average, batches, signal);
}

/**
 * The statistics of a batch are not to be had from a network, which shows only where they move the running ones to: by
 * a share of the way. From 0 that is share · statistics; and from far off, where the batch hardly matters, the share
 * itself shows. A buffer that does not move so, a count for example, stays the network's.
 */
async function recompute(
  network: Network,
  average: WeightAverage,
  batches: () => Batches,
  signal: AbortSignal,
): Promise<void> {
  let [shares, sums]: [NamedTensors, NamedTensors] = [new Map(), new Map()];
  let count = 0;
  try {
    await withAverage(network, average, async () => {
      for await (const batch of batches()) {
        try {
          signal.throwIfAborted();
          const moved = movedFrom(0, network, batch);
          if (count++ === 0) {
            sums = moved;
            shares = combined(movedFrom(farOff, network, batch), moved, shareOf);
            continue;
          }
          sums = combined(sums, moved, (sum, more) => tf.add(sum, more));
          tf.dispose([...moved.values()]);
        } finally {
          tf.dispose([batch.images, batch.labels]);
        }
        await tf.nextFrame();
      }
    });
    requireArgument(count > 0, "batches", "none", "those of the epoch once more");
    for (const [name, buffer] of average.weights.buffers) {
      const [share, sum, own] = [shares, sums, network.buffers].map((tensors) => tensors.get(name) as tf.Tensor);
      tf.tidy(() => {
        const mean = tf.divNoNan(sum as tf.Tensor, tf.mul(share as tf.Tensor, count));
        buffer.assign(tf.where(tf.greater(share as tf.Tensor, leastShare), mean, own as tf.Tensor));
      });
    }
  } finally {
    tf.dispose([...shares.values(), ...sums.values()]);
  }
}

/** A power of two, whose multiples lose no digits, larger than statistics are. */
const farOff = 2 ** 20;

/** Less is rounding: the batch does not move it so. */
const leastShare = 1e-5;

function shareOf(fromFarOff: tf.Tensor, fromZero: tf.Tensor): tf.Tensor {
  return tf.sub(1, tf.div(tf.sub(fromFarOff, fromZero), farOff));
}

/** Where one pass over the batch moves the statistics that were all at `value`; new tensors. */
function movedFrom(value: number, network: Network, { images }: Batch): NamedTensors {
  const { buffers } = network;
  for (const buffer of buffers.values()) tf.tidy(() => buffer.assign(tf.fill(buffer.shape, value)));
  tf.tidy(() => void network.forward(images, "train"));
  return new Map([...buffers].map(([name, buffer]) => [name, tf.clone(buffer)]));
}

/** `f` of both under each name; the first are disposed. */
function combined(a: NamedTensors, b: NamedTensors, f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): NamedTensors {
  const made = [...a].map(([name, of]) => [name, tf.tidy(() => f(of, b.get(name) as tf.Tensor))] as const);
  tf.dispose([...a.values()]);
  return new Map(made);
}
