import { ArgumentError } from "@awp/core";
import { type Fail, latin1, readPart, readWhole, withFile } from "@awp/core/node";
import { type Dataset, dataset, type DatasetParts, type ImageShape, type Pixels } from "../dataset/dataset";
import type { NumpyArray } from "./numpy/numpy-array";
import { decodeNumpyPickle } from "./numpy/pickled-array";
import { failing } from "./data-error";
import { readNpz } from "./npz";
import { interleave } from "./planes";
import { arrayField, integerField, requireClasses, toIntegers } from "./record-fields";

export interface ImageArraysOptions {
  /** A `.npz` file, or a pickle of a dict of arrays. */
  readonly path: string;
  /** The classes that the labels count, those of the data set that the images go with. */
  readonly classNames: readonly string[];
  /**
   * The name of the images: `[count, height, width, channels]` or `[count, channels, height, width]` of 1 or 3 channels,
   * bytes or float32 in [0, 1]. @default "image" in a `.npz` file, "data" in a pickle
   */
  readonly images?: string;
  /**
   * The name of the labels, integers, −1 where there is none; null if no image has one.
   * @default "label" in a `.npz` file, "extrapolated_targets" in a pickle
   */
  readonly labels?: string | null;
}

/**
 * Images of one file of arrays, beside a data set of the same classes: generated ones in a `.npz` file (as of
 * arXiv:2302.04638), or RST's 500,000 pseudo-labelled ones in their pickle (arXiv:1905.13736), of which nothing is run.
 *
 * @example
 * const generated = await imageArrays({ path: "data/1m.npz", classNames: trainSet.classNames });
 * @throws DataError if the file is missing, cut short or not what it should be; names the file
 */
export async function imageArrays(options: ImageArraysOptions): Promise<Dataset> {
  const { path, classNames } = options;
  const advice = "want a .npz file or a pickle of images and labels; `images` and `labels` name the arrays";
  const fail = failing(path, advice);
  const { images, labels } = await ((await isZip(path, advice)) ? fromNpz : fromPickle)(options, advice);
  const count = images.shape[0] ?? 0;
  const classes = labels ?? new Int32Array(count).fill(-1);
  if (classes.length !== count) fail(`${classes.length} labels for ${count} images`);
  requireClasses(
    classes.filter((label) => label !== -1),
    classNames.length,
    fail,
  );
  return datasetOf({ ...pixelsOf(images, fail), labels: classes, classNames }, fail);
}

interface Arrays {
  readonly images: NumpyArray;
  readonly labels: Int32Array | undefined;
}

async function fromNpz(
  { path, images = "image", labels = "label" }: ImageArraysOptions,
  advice: string,
): Promise<Arrays> {
  const arrays = await readNpz(path, labels === null ? [images] : [images, labels], advice);
  const found = labels === null ? undefined : (arrays[labels] as NumpyArray);
  return {
    images: arrays[images] as NumpyArray,
    labels: found && toIntegers(found.data, labels as string, failing(path, advice)),
  };
}

async function fromPickle(
  { path, images = "data", labels = "extrapolated_targets" }: ImageArraysOptions,
  advice: string,
): Promise<Arrays> {
  const fail = failing(path, advice);
  const dict = decodeNumpyPickle(await readWhole(path, fail), fail);
  return {
    images: arrayField(dict, images, fail),
    labels: labels === null ? undefined : integerField(dict, labels, fail),
  };
}

/** Whether the file begins as a zip archive does; no pickle does. */
function isZip(path: string, advice: string): Promise<boolean> {
  const fail = failing(path, advice);
  return withFile(path, fail, async (file) => {
    const { size } = await file.stat();
    return latin1(await readPart(file, 0, Math.min(2, size), fail)) === "PK";
  });
}

function pixelsOf({ shape, data }: NumpyArray, fail: Fail): { images: Pixels; shape: ImageShape } {
  const [count = 0, second = 0, third = 0, last = 0] = shape;
  const pixels = shape.length === 4 && (data instanceof Uint8Array || data instanceof Float32Array) ? data : undefined;
  const isChannels = (size: number): boolean => size === 1 || size === 3;
  if (pixels !== undefined && isChannels(last)) return { images: pixels, shape: [second, third, last] };
  if (pixels === undefined || !isChannels(second)) {
    const given = `${data.constructor.name} of shape [${shape.join(", ")}]`;
    return fail(`images are ${given}, want bytes or float32 [count, height, width, channels]`);
  }
  const images = pixels.slice();
  const layout = { plane: third * last, channels: second };
  const size = layout.plane * layout.channels;
  for (let image = 0; image < count; image++) interleave(pixels, image * size, images, image * size, layout);
  return { images, shape: [third, last, second] };
}

/** The data set of what the file has; what is wrong with it is the file's fault. */
function datasetOf(parts: DatasetParts, fail: Fail): Dataset {
  try {
    return dataset(parts);
  } catch (error) {
    if (error instanceof ArgumentError) return fail(error.message);
    throw error;
  }
}
