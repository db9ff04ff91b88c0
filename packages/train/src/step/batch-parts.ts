import type { Batch, RowKeys } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";

/** Some rows of a batch, in its order. */
export interface BatchPart {
  readonly batch: Batch<RowKeys>;
  /** The part's rows among the batch's rows: what its mean weighs in the mean over the batch. */
  readonly share: number;
}

/** Throws an `ArgumentError` unless images, labels and indices fit together and there is a row for each of `count` parts. */
export function requireBatch({ images, labels, indices }: Batch<RowKeys>, count = 1): void {
  const rows = images.shape[0];
  const keys = "dtype" in indices ? indices.size : indices.length;
  requireArgument(rows > 0, "batch.images", images.shape, "at least one image");
  requireArgument(labels.shape[0] === rows, "batch.labels", labels.shape, `one label for each of ${rows} images`);
  requireArgument(keys === rows, "batch.indices", keys, `one index for each of ${rows} images`);
  requireArgument(count <= rows, "microBatches", count, `at most ${rows}, the rows of the batch`);
}

/** The batch in `count` parts as equal as can be; their tensors are new, but for a single part, which is the batch. */
export function partsOf(batch: Batch<RowKeys>, count: number): readonly BatchPart[] {
  if (count === 1) return [{ batch, share: 1 }];
  const rows = batch.images.shape[0];
  return Array.from({ length: count }, (_, part) => {
    const [start, end] = [Math.floor((part * rows) / count), Math.floor(((part + 1) * rows) / count)];
    return { batch: slice(batch, start, end), share: (end - start) / rows };
  });
}

function slice({ images, labels, indices }: Batch<RowKeys>, start: number, end: number): Batch<RowKeys> {
  return {
    images: tf.slice(images, start, end - start),
    labels: tf.slice(labels, start, end - start),
    indices: "dtype" in indices ? tf.slice(indices, start, end - start) : indices.subarray(start, end),
  };
}
