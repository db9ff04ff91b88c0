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

/** Does something with each batch in turn; throws an `ArgumentError` unless they are those of the layout. */
export async function eachKnownBatch(
  batches: Batches,
  layout: Layout,
  signal: AbortSignal | undefined,
  body: (batch: Batch, place: number) => Promise<void> | void,
): Promise<void> {
  let place = 0;
  await eachBatch(
    () => knownBatches(batches, layout),
    signal,
    (batch) => body(batch, place++),
  );
}

/** The batches, which the caller disposes; throws an `ArgumentError` unless they are those of the layout. */
export async function* knownBatches(batches: Batches, layout: Layout): AsyncGenerator<Batch, void> {
  let place = 0;
  const wanted = "the same batches at each call";
  for await (const batch of batches()) {
    const known = layout[place++];
    const same = known?.length === batch.indices.length && known.every((index, row) => index === batch.indices[row]);
    if (!same) disposeBatch(batch);
    requireArgument(same, "batches", "other images than at the first call", wanted);
    yield batch;
  }
  requireArgument(place === layout.length, "batches", "fewer images than at the first call", wanted);
}

export function disposeBatch({ images, labels }: Batch): void {
  tf.dispose([images, labels]);
}

/** Which images those of the layout are, in a few words: what ranks that share work must have in common. */
export function described(layout: Layout): string {
  const images = layout.reduce((sum, { length }) => sum + length, 0);
  return `${images} images, ${layout[0]?.[0]} to ${layout.at(-1)?.at(-1)}`;
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
      disposeBatch(batch);
    }
    await tf.nextFrame(); // lets timers and signals in: on some backends nothing above leaves the microtasks
  }
}
