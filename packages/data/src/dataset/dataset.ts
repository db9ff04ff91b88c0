import { requireArgument } from "@awp/core/authoring";

/** The pixels of one or more images, height × width × channels each: bytes 0 to 255, or floats in [0, 1]. */
export type Pixels = Uint8Array | Float32Array;

/** Height, width and channels of one image. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/**
 * Labelled images on the host.
 *
 * Its examples are the rows of `images` and `labels` that `indices` lists, in that order. A subset shares the pixels
 * and keeps the indices, so that an example has the same randomness in every subset and every batch.
 */
export interface Dataset {
  /** The pixels of all rows, `[rows, height, width, channels]`. */
  readonly images: Pixels;
  /** The class of each row of `images`; −1 where it has no label, which RST's loss leaves out. */
  readonly labels: Uint8Array | Int32Array;
  /** The rows that belong to this data set. */
  readonly indices: Int32Array;
  readonly shape: ImageShape;
  readonly classNames: readonly string[];
}

/** The parts that {@link dataset} makes a {@link Dataset} of; all rows belong to it. */
export type DatasetParts = Omit<Dataset, "indices">;

/**
 * A data set of all rows of `images`.
 *
 * @example
 * // Two grey images of 28 × 28 pixels.
 * const digits = dataset({
 *   images: new Uint8Array(2 * 28 * 28),
 *   labels: Uint8Array.of(7, 1),
 *   shape: [28, 28, 1],
 *   classNames: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
 * });
 * @throws ArgumentError if sizes do not fit, a label has no class name, or a float pixel is outside [0, 1]
 */
export function dataset({ images, labels, shape, classNames }: DatasetParts): Dataset {
  const wholeShape = shape.length === 3 && shape.every((length) => Number.isInteger(length) && length > 0);
  requireArgument(wholeShape, "shape", shape, "[height, width, channels], positive integers");
  requireArgument(labels.length > 0, "labels", labels.length, "at least one example");
  const pixels = labels.length * imageSize(shape);
  requireArgument(images.length === pixels, "images", images.length, `${pixels} values, one image for each label`);
  const stray = labels.find((label) => !(label >= -1 && label < classNames.length));
  requireArgument(stray === undefined, "labels", stray, `classes from 0 to ${classNames.length - 1}, or -1 for none`);
  if (images instanceof Float32Array) {
    const outside = images.find((value) => !(value >= 0 && value <= 1));
    requireArgument(outside === undefined, "images", outside, "values in [0, 1]");
  }
  return { images, labels, shape, classNames, indices: Int32Array.from({ length: labels.length }, (_, row) => row) };
}

/**
 * How many examples each class has, in the order of `classNames`; those without a label are in none.
 *
 * @example
 * console.log(classCounts(testSet)); // CIFAR-10's test set: 1000 of each class
 */
export function classCounts({ labels, indices, classNames }: Dataset): Int32Array {
  const counts = new Int32Array(classNames.length);
  for (const row of indices) {
    const label = labels[row] as number;
    if (label >= 0) counts[label] = (counts[label] as number) + 1;
  }
  return counts;
}

/** The number of values in one image. */
export function imageSize([height, width, channels]: ImageShape): number {
  return height * width * channels;
}
