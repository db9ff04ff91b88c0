import type { Batch, Images, Labels } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";

/** All examples of an evaluation, on the host: stages go over them again and again, in batches of their own. */
export interface Examples {
  readonly images: Float32Array;
  readonly labels: Int32Array;
  /** The index of each example in its data set. */
  readonly indices: Int32Array;
  readonly shape: readonly [height: number, width: number, channels: number];
}

/** Reads the batches and disposes their tensors. */
export async function collect(
  batches: Iterable<Batch> | AsyncIterable<Batch>,
  signal: AbortSignal | undefined,
): Promise<Examples> {
  const parts: { images: Float32Array; labels: Int32Array; indices: Int32Array }[] = [];
  let shape: Examples["shape"] | undefined;
  for await (const { images, labels, indices } of batches) {
    try {
      signal?.throwIfAborted();
      const [rows, ...rest] = images.shape;
      requireArgument(indices.length === rows, "batch.indices", indices.length, `${rows}, one per image`);
      requireArgument(
        shape === undefined || tf.util.arraysEqual([...shape], rest),
        "batch.images",
        rest,
        `images of one shape, [${shape?.join(", ")}]`,
      );
      shape = rest;
      parts.push({
        images: (await images.data()) as Float32Array,
        labels: (await labels.data()) as Int32Array,
        indices,
      });
    } finally {
      tf.dispose([images, labels]);
    }
  }
  requireArgument(shape !== undefined, "batches", "no example", "at least one");
  const count = parts.reduce((sum, { indices }) => sum + indices.length, 0);
  const size = tf.util.sizeFromShape([...shape]);
  const all = {
    images: new Float32Array(count * size),
    labels: new Int32Array(count),
    indices: new Int32Array(count),
    shape,
  };
  let at = 0;
  for (const { images, labels, indices } of parts) {
    all.images.set(images, at * size);
    all.labels.set(labels, at);
    all.indices.set(indices, at);
    at += indices.length;
  }
  return all;
}

/** A new tensor of the images at the given positions, `[positions, height, width, channels]`. */
export function imagesAt({ images, shape }: Examples, positions: readonly number[]): Images {
  const size = tf.util.sizeFromShape([...shape]);
  const values = new Float32Array(positions.length * size);
  for (const [row, position] of positions.entries()) {
    values.set(images.subarray(position * size, (position + 1) * size), row * size);
  }
  return tf.tensor4d(values, [positions.length, ...shape]);
}

/** A new tensor of the labels at the given positions. */
export function labelsAt({ labels }: Examples, positions: readonly number[]): Labels {
  return tf.tensor1d(
    Int32Array.from(positions, (position) => labels[position] as number),
    "int32",
  );
}

/** The positions in batches: all of the batch size, but for the last. */
export function inBatches(positions: readonly number[], batchSize: number): (readonly number[])[] {
  return Array.from({ length: Math.ceil(positions.length / batchSize) }, (_, k) =>
    positions.slice(k * batchSize, (k + 1) * batchSize),
  );
}

/** Which examples stand at the positions, in a few words. */
export function describe({ indices }: Examples, positions: readonly number[]): string {
  const at = (place: number): number | undefined => indices[positions.at(place) as number];
  return `${positions.length} of ${indices.length} images, ${at(0)} to ${at(-1)}`;
}
