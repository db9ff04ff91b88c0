import { requireChoice } from "@awp/core/authoring";
import { cifar10Archive, cifar100Archive } from "./archive";
import { cifar10Classes, cifar100CoarseClasses, cifar100FineClasses } from "./class-names";
import { type DataFolder, findDataFolder, numbered, readClassNames, requireDataFolder } from "./data-folder";
import { type Dataset, dataset } from "../dataset/dataset";
import { readPythonBatches } from "./python-batches";
import { readRecords } from "./records";

export interface Cifar10Options {
  /** The folder with the official files, or with `cifar-10-batches-bin` or `cifar-10-batches-py`, which holds them. */
  readonly directory: string;
  /** @default "train" */
  readonly split?: "train" | "test";
}

/**
 * CIFAR-10 (Krizhevsky 2009) from its binary version, or where there is none from its Python version: images
 * `[32, 32, 3]` as bytes, 10 classes. The pickles of the Python version are read without running anything.
 *
 * `"train"` is every `data_batch_*` by number, `"test"` is `test_batch`; a file may hold any number of images.
 *
 * @throws DataError if a file is missing, empty, cut short or not what it should be; names the file
 * @example
 * const test = await cifar10({ directory: "data", split: "test" });
 */
export async function cifar10({ directory, split = "train" }: Cifar10Options): Promise<Dataset> {
  requireChoice("split", split, ["train", "test"]);
  const advice = downloadAdvice("downloadCifar10", directory);
  const file = split === "train" ? String.raw`data_batch_\d+` : "test_batch";
  const binary = new RegExp(`^${file}\\.bin$`);
  const python = new RegExp(`^${file}$`);
  const pickles = await onlyPython(directory, "cifar-10-batches-py", { binary, python }, cifar10Archive.folder);
  if (pickles !== undefined) {
    const layout = { labels: "labels", classes: 10, advice };
    const records = await readPythonBatches(numbered(pickles, python), layout);
    return dataset({ ...records, shape: [32, 32, 3], classNames: cifar10Classes });
  }
  const name = split === "train" ? "data_batch_1.bin" : "test_batch.bin";
  const folder = await requireDataFolder(directory, cifar10Archive.folder, binary, name, advice);
  const classNames = await readClassNames(folder, "batches.meta.txt", cifar10Classes);
  const layout = { labelBytes: 1, labelByte: 0, classes: classNames.length, advice };
  const records = await readRecords(numbered(folder, binary), layout);
  return dataset({ ...records, shape: [32, 32, 3], classNames });
}

export interface Cifar100Options {
  /** The folder with the official files, or with `cifar-100-binary` or `cifar-100-python`, which holds them. */
  readonly directory: string;
  /** @default "train" */
  readonly split?: "train" | "test";
  /** The 100 fine classes or the 20 coarse ones. @default "fine" */
  readonly labels?: "fine" | "coarse";
}

/**
 * CIFAR-100 (Krizhevsky 2009) from its binary version, `train.bin` or `test.bin`, or where there is none from its Python
 * version, `train` or `test`: images `[32, 32, 3]` as bytes.
 *
 * @example
 * const images = await cifar100({ directory: "data/cifar-100-binary", split: "test", labels: "coarse" });
 * console.log(images.classNames); // the 20 superclasses
 * @throws DataError if a file is missing, empty, cut short or not what it should be; names the file
 */
export async function cifar100({ directory, split = "train", labels = "fine" }: Cifar100Options): Promise<Dataset> {
  requireChoice("split", split, ["train", "test"]);
  requireChoice("labels", labels, ["fine", "coarse"]);
  const advice = downloadAdvice("downloadCifar100", directory);
  const builtIn = labels === "fine" ? cifar100FineClasses : cifar100CoarseClasses;
  const binary = new RegExp(`^${split}\\.bin$`);
  const python = new RegExp(`^${split}$`);
  const pickles = await onlyPython(directory, "cifar-100-python", { binary, python }, cifar100Archive.folder);
  if (pickles !== undefined) {
    const layout = { labels: `${labels}_labels`, classes: builtIn.length, advice };
    const records = await readPythonBatches(numbered(pickles, python), layout);
    return dataset({ ...records, shape: [32, 32, 3], classNames: builtIn });
  }
  const folder = await requireDataFolder(directory, cifar100Archive.folder, binary, `${split}.bin`, advice);
  const classNames = await readClassNames(folder, `${labels}_label_names.txt`, builtIn);
  const layout = { labelBytes: 2, labelByte: labels === "fine" ? 1 : 0, classes: classNames.length, advice };
  const records = await readRecords(numbered(folder, binary), layout);
  return dataset({ ...records, shape: [32, 32, 3], classNames });
}

/** The folder of the Python version, where there is no binary one. */
async function onlyPython(
  directory: string,
  pythonFolder: string,
  { binary, python }: { readonly binary: RegExp; readonly python: RegExp },
  binaryFolder: string,
): Promise<DataFolder | undefined> {
  if ((await findDataFolder(directory, binaryFolder, binary)) !== undefined) return undefined;
  return findDataFolder(directory, pythonFolder, python);
}

function downloadAdvice(download: string, directory: string): string {
  return `get the official binary version with ${download}({ directory: ${JSON.stringify(directory)} })`;
}
