import * as tf from "@tensorflow/tfjs-core";
import type { Batch, NamedTensors, Network } from "../contract";
import { requireArgument } from "../error";

/**
 * The running statistics that the batches give a network, by the names of its buffers: the mean over the batches of the
 * statistics that each has, every batch counting the same, as in PyTorch's `update_bn`. The caller owns them.
 *
 * One forward pass over each batch in mode `"train"`, and one more of the first. The batches are disposed; the network's
 * own buffers are bit for bit as they were when the promise settles, also where it throws.
 *
 * The statistics of a batch are not to be had from a network, which shows only where they move the running ones to: by a
 * share of the way. From 0 that is share · statistics; and from far off, where the batch hardly matters, the share itself
 * shows. A buffer that does not move so, a count for example, comes back as it is.
 *
 * @throws ArgumentError without a batch; the signal's reason between two batches.
 */
export async function recomputedStatistics(
  network: Network,
  batches: Iterable<Batch> | AsyncIterable<Batch>,
  signal?: AbortSignal,
): Promise<NamedTensors> {
  const own = new Map([...network.buffers].map(([name, buffer]) => [name, tf.keep<tf.Tensor>(tf.clone(buffer))]));
  let [shares, sums]: [NamedTensors, NamedTensors] = [new Map(), new Map()];
  let count = 0;
  try {
    for await (const batch of batches) {
      try {
        signal?.throwIfAborted();
        const moved = movedFrom(0, network, batch);
        if (count++ === 0) {
          sums = moved;
          shares = combined(movedFrom(farOff, network, batch), moved, shareOf);
        } else {
          sums = combined(sums, moved, (sum, more) => tf.add(sum, more));
          tf.dispose([...moved.values()]);
        }
      } finally {
        tf.dispose([batch.images, batch.labels]);
      }
      await tf.nextFrame();
    }
    requireArgument(count > 0, "batches", "none", "at least one");
    return new Map([...own].map(([name, value]) => [name, mean(shares.get(name), sums.get(name), count, value)]));
  } finally {
    for (const [name, buffer] of network.buffers) buffer.assign(own.get(name) as tf.Tensor);
    tf.dispose([...shares.values(), ...sums.values(), ...own.values()]);
  }
}

/** A power of two, whose multiples lose no digits, larger than statistics are. */
const farOff = 2 ** 20;

/** Less is rounding: the batch does not move it so. */
const leastShare = 1e-5;

function shareOf(fromFarOff: tf.Tensor, fromZero: tf.Tensor): tf.Tensor {
  return tf.sub(1, tf.div(tf.sub(fromFarOff, fromZero), farOff));
}

function mean(share: tf.Tensor | undefined, sum: tf.Tensor | undefined, count: number, own: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const moved = tf.divNoNan(sum as tf.Tensor, tf.mul(share as tf.Tensor, count));
    return tf.where(tf.greater(share as tf.Tensor, leastShare), moved, own);
  });
}

/** Where one pass over the batch moves the statistics that were all at `value`; new tensors. */
function movedFrom(value: number, network: Network, { images }: Batch): NamedTensors {
  const { buffers } = network;
  for (const buffer of buffers.values()) tf.tidy(() => buffer.assign(tf.fill(buffer.shape, value)));
  tf.tidy(() => void network.forward(images, "train"));
  return new Map([...buffers].map(([name, buffer]) => [name, tf.keep<tf.Tensor>(tf.clone(buffer))]));
}

/** `f` of both under each name; the first are disposed. */
function combined(a: NamedTensors, b: NamedTensors, f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): NamedTensors {
  const made = [...a].map(([name, of]) => [name, tf.keep(tf.tidy(() => f(of, b.get(name) as tf.Tensor)))] as const);
  tf.dispose([...a.values()]);
  return new Map(made);
}
