import { requireChoice } from "@awp/core/authoring";
import { readWhole } from "@awp/core/node";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Dataset, dataset } from "../dataset/dataset";
import { decodeNumpyPickle } from "./numpy/pickled-array";
import { type DataFolder, numbered, requireDataFolder } from "./data-folder";
import { failing } from "./data-error";
import { gathered } from "./gathered";
import { readNpz } from "./npz";
import { labelledPlanes, type LabelledPlanes, planesOf, requireClasses, toIntegers } from "./record-fields";

export interface ImageNet32Options {
  /** The folder with the official batches, or with `Imagenet32_train` or `Imagenet32_val`, which holds them. */
  readonly directory: string;
  /** @default "train" */
  readonly split?: "train" | "val";
}

const classes = 1000;
const layout = { plane: 32 * 32, channels: 3 } as const;
const imageSize = layout.plane * layout.channels;

/**
 * ImageNet at 32 × 32 pixels (Chrabaszcz et al., arXiv:1707.08819) from its official batches, pickles or `.npz` files:
 * images `[32, 32, 3]` as bytes, 1000 classes. A label is the file's less one, since the files count from 1.
 *
 * `"train"` is every `train_data_batch_*` by number (all ten take 4 GB of memory), `"val"` is `val_data`. The classes have
 * the names of `map_clsloc.txt` where it is beside them, else the files' numbers.
 *
 * @example
 * const images = await imagenet32({ directory: "data/imagenet32", split: "val" });
 * @throws DataError if a file is missing, cut short or not what it should be; names the file
 */
export async function imagenet32({ directory, split = "train" }: ImageNet32Options): Promise<Dataset> {
  requireChoice("split", split, ["train", "val"]);
  const advice = "get the official batches from https://image-net.org/download-images (ImageNet 32x32)";
  const file = split === "train" ? String.raw`train_data_batch_\d+` : "val_data";
  const name = split === "train" ? "train_data_batch_1" : "val_data";
  const wanted = new RegExp(`^${file}(\\.npz)?$`);
  const folder = await requireDataFolder(directory, `Imagenet32_${split}`, wanted, name, advice);
  const pickles = numbered(folder, new RegExp(`^${file}$`));
  const parts: LabelledPlanes[] = [];
  for (const path of pickles.length > 0 ? pickles : numbered(folder, wanted)) {
    const part = path.endsWith(".npz") ? await fromNpz(path, advice) : await fromPickle(path, advice);
    requireClasses(part.labels, classes, failing(path, advice), 1);
    parts.push({ ...part, labels: part.labels.map((label) => label - 1) });
  }
  return dataset({ ...gathered(parts, layout), shape: [32, 32, 3], classNames: await readNames(folder) });
}

async function fromPickle(path: string, advice: string): Promise<LabelledPlanes> {
  const fail = failing(path, advice);
  return labelledPlanes(decodeNumpyPickle(await readWhole(path, fail), fail), "labels", imageSize, fail);
}

async function fromNpz(path: string, advice: string): Promise<LabelledPlanes> {
  const fail = failing(path, advice);
  const arrays = await readNpz(path, ["data", "labels"], advice);
  const labels = toIntegers(arrays.labels.data, "labels", fail);
  return { planes: planesOf(arrays.data, labels.length, imageSize, fail), labels };
}

/** The names of the official list, whose lines are like `n02119789 1 kit_fox`, by their number. */
async function readNames({ path, files }: DataFolder): Promise<readonly string[]> {
  const names = Array.from({ length: classes }, (_, at) => String(at + 1));
  const file = "map_clsloc.txt";
  if (!files.includes(file)) return names;
  const fail = failing(join(path, file), "correct the file, or delete it to have numbers for names");
  const lines = (await readFile(join(path, file), "utf8")).split(/\r?\n/).filter((line) => line !== "");
  if (lines.length !== classes) fail(`${lines.length} classes, want ${classes}`);
  for (const line of lines) {
    const [, number = 0, name = ""] = /^n\d+ (\d+) (\S+)$/.exec(line) ?? fail(`not a class: ${line.slice(0, 60)}`);
    if (!(Number(number) >= 1 && Number(number) <= classes)) fail(`class ${number}, want 1 to ${classes}`);
    names[Number(number) - 1] = name;
  }
  return names;
}
