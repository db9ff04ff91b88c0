import { requireChoice } from "@awp/core/authoring";
import { join } from "node:path";
import { type Fail, readWhole } from "@awp/core/node";
import { type Dataset, dataset } from "../dataset/dataset";
import type { NumpyArray } from "./numpy/numpy-array";
import { requireDataFolder } from "./data-folder";
import { failing } from "./data-error";
import { readMatlab } from "./matlab";
import { requireClasses, toIntegers } from "./record-fields";

export interface SvhnOptions {
  /** The folder with the official `.mat` files of format 2, or with `svhn`, which holds them. */
  readonly directory: string;
  /** `"extra"` has 531,131 easier images (1.3 GB). @default "train" */
  readonly split?: "train" | "test" | "extra";
}

const side = 32;
const channels = 3;
const classNames = Array.from({ length: 10 }, (_, digit) => String(digit));

/**
 * The Street View House Numbers, cropped digits (Netzer et al. 2011), from `train_32x32.mat`, `test_32x32.mat` or
 * `extra_32x32.mat`: images `[32, 32, 3]` as bytes, and the digits as classes (the files' label 10 is the digit 0).
 *
 * @example
 * const images = await svhn({ directory: "data/svhn", split: "test" });
 * @throws DataError if the file is missing, cut short or not what it should be; names the file
 */
export async function svhn({ directory, split = "train" }: SvhnOptions): Promise<Dataset> {
  requireChoice("split", split, ["train", "test", "extra"]);
  const name = `${split}_32x32.mat`;
  const advice = `get the official ${name} from http://ufldl.stanford.edu/housenumbers/`;
  const folder = await requireDataFolder(directory, "svhn", new RegExp(`^${name.replace(".", "\\.")}$`), name, advice);
  const path = join(folder.path, name);
  const fail = failing(path, advice);
  const arrays = await readMatlab(await readWhole(path, fail), ["X", "y"], fail);
  const labels = toIntegers((arrays.get("y") as NumpyArray).data, "y", fail);
  requireClasses(labels, 10, fail, 1);
  const images = pixelsOf(arrays.get("X") as NumpyArray, labels.length, fail);
  return dataset({ images, labels: labels.map((label) => label % 10), shape: [side, side, channels], classNames });
}

/** The images of an array [32, 32, 3, count] in which neighbours down a column lie together. */
function pixelsOf({ shape, data }: NumpyArray, count: number, fail: Fail): Uint8Array {
  const wanted = [side, side, channels, count];
  const { length } = wanted;
  // MATLAB leaves a last axis of one image out.
  const given = shape.length === length - 1 ? [...shape, 1] : shape;
  const fits = given.length === length && given.every((size, axis) => size === wanted[axis]);
  if (!fits || !(data instanceof Uint8Array)) {
    const kind = data instanceof Uint8Array ? "bytes" : "no bytes";
    return fail(
      `"X" is ${kind} of shape [${shape.join(", ")}], want bytes [${wanted.join(", ")}], one image per label`,
    );
  }
  const images = new Uint8Array(data.length);
  const size = side * side * channels;
  for (let first = 0; first < data.length; first += size) {
    let from = first;
    for (let channel = 0; channel < channels; channel++) {
      for (let column = 0; column < side; column++) {
        for (let row = 0; row < side; row++) {
          images[first + (row * side + column) * channels + channel] = data[from++] as number;
        }
      }
    }
  }
  return images;
}
