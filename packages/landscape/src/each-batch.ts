import type { Batch } from "@awp/core";
import { requireArgument, requireClassIndices } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";

/** Makes the batches, anew at each call and the same ones each time. */
export type Batches = () => Iterable<Batch> | AsyncIterable<Batch>;

/** The indices of the images of each batch. */
export type Layout = readonly Int32Array[];

/**
 * Looks through the batches once, before any work.
 *
 * @throws ArgumentError without a batch, and for labels or indices that do not go with the images.
 */
export async function layoutOf(batches: Batches, signal: AbortSignal | undefined): Promise<Layout> {
  const layout: Int32Array[] = [];
  await eachBatch(batches, signal, ({ images, labels, indices }) => {
    const [rows] = images.shape;
    requireArgument(indices.length === rows, "batch.indices", indices.length, `${rows}, one per image`);
    requireClassIndices("batch.labels", labels, rows);
    layout.push(indices.slice());
  });
  requireArgument(layout.length > 0, "batches", "no batch", "at least one");
  return layout;
}

/** {@link eachBatch}; throws an `ArgumentError` unless the batches are those of the layout. */
export async function eachKnownBatch(
  batches: Batches,
  layout: Layout,
  signal: AbortSignal | undefined,
  body: (batch: Batch, place: number) => Promise<void> | void,
): Promise<void> {
  let place = 0;
  const wanted = "the same batches at each call";
  await eachBatch(batches, signal, async (batch) => {
    const known = layout[place];
    const same = known?.length === batch.indices.length && known.every((index, row) => index === batch.indices[row]);
    requireArgument(same, "batches", "other images than at the first call", wanted);
    await body(batch, place);
    place += 1;
  });
  requireArgument(place === layout.length, "batches", "fewer images than at the first call", wanted);
}

/** Each batch in turn, disposed after use; the signal's reason is thrown between two. */
async function eachBatch(
  batches: Batches,
  signal: AbortSignal | undefined,
  body: (batch: Batch) => Promise<void> | void,
): Promise<void> {
  signal?.throwIfAborted();
  for await (const batch of batches()) {
    try {
      signal?.throwIfAborted();
      await body(batch);
    } finally {
      tf.dispose([batch.images, batch.labels]);
    }
    await tf.nextFrame(); // lets timers and signals in: on some backends nothing above leaves the microtasks
  }
}
