import type { Batch, Random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Augmentation } from "../augmentation/augmentation";
import { type Dataset, imageSize } from "./dataset";
import type { PixelRoom } from "./pixel-room";

/** A row of a data set, and the index that keys its randomness. */
export interface Example {
  readonly source: Dataset;
  readonly row: number;
  readonly index: number;
}

export interface Drawn {
  readonly augment: Augmentation | undefined;
  readonly random: Random | undefined;
  readonly room: PixelRoom;
}

/** The examples, of data sets of one shape, as a batch; each is augmented by randomness of its own. */
export function batchOf(examples: readonly Example[], shape: Dataset["shape"], drawn: Drawn): Batch {
  const { augment, random, room } = drawn;
  const size = imageSize(shape);
  const pixels = room(examples.length * size);
  for (const [place, { source, row, index }] of examples.entries()) {
    const scale = source.images instanceof Uint8Array ? 255 : 1;
    const image = source.images.subarray(row * size, (row + 1) * size);
    const changed =
      augment === undefined || random === undefined
        ? image
        : augment(image, shape, random.forRows(Int32Array.of(index)));
    for (let i = 0; i < size; i++) pixels[place * size + i] = (changed[i] as number) / scale;
  }
  const labels = Int32Array.from(examples, ({ source, row }) => source.labels[row] as number);
  return {
    images: tf.tensor4d(pixels, [examples.length, ...shape]),
    labels: tf.tensor1d(labels, "int32"),
    indices: Int32Array.from(examples, ({ index }) => index),
  };
}
