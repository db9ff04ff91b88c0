import { join } from "node:path";
import { requireArgument } from "@awp/core/authoring";
import { cifar10Archive, cifar100Archive } from "./archive";
import { cifar10Classes, cifar100CoarseClasses, cifar100FineClasses } from "./class-names";
import { readClassNames, requireDataFolder } from "./data-folder";
import { type Dataset, dataset } from "../dataset/dataset";
import { readRecords } from "./records";

export interface Cifar10Options {
  /** The folder with the official binary files, or with `cifar-10-batches-bin`, which holds them. */
  readonly directory: string;
  /** @default "train" */
  readonly split?: "train" | "test";
}

/**
 * CIFAR-10 (Krizhevsky 2009) from its binary version: images `[32, 32, 3]` as bytes, 10 classes.
 *
 * `"train"` is every `data_batch_*.bin` by number, `"test"` is `test_batch.bin`; a file may hold any number of records.
 *
 * @throws DataError if a file is missing, empty, cut short or not what it should be; names the file
 * @example
 * const test = await cifar10({ directory: "data", split: "test" });
 */
export async function cifar10({ directory, split = "train" }: Cifar10Options): Promise<Dataset> {
  requireSplit(split);
  const advice = downloadAdvice("downloadCifar10", directory);
  const wanted = split === "train" ? /^data_batch_\d+\.bin$/ : /^test_batch\.bin$/;
  const name = split === "train" ? "data_batch_1.bin" : "test_batch.bin";
  const folder = await requireDataFolder(directory, cifar10Archive.folder, wanted, name, advice);
  const paths = folder.files
    .filter((file) => wanted.test(file))
    .sort((a, b) => batchNumber(a) - batchNumber(b))
    .map((file) => join(folder.path, file));
  const classNames = await readClassNames(folder, "batches.meta.txt", cifar10Classes);
  const records = await readRecords(paths, { labelBytes: 1, labelByte: 0, classes: classNames.length, advice });
  return dataset({ ...records, shape: [32, 32, 3], classNames });
}

export interface Cifar100Options {
  /** The folder with the official binary files, or with `cifar-100-binary`, which holds them. */
  readonly directory: string;
  /** @default "train" */
  readonly split?: "train" | "test";
  /** The 100 fine classes or the 20 coarse ones. @default "fine" */
  readonly labels?: "fine" | "coarse";
}

/**
 * CIFAR-100 (Krizhevsky 2009) from its binary version, `train.bin` or `test.bin`: images `[32, 32, 3]` as bytes.
 *
 * @throws DataError if a file is missing, empty, cut short or not what it should be; names the file
 */
export async function cifar100({ directory, split = "train", labels = "fine" }: Cifar100Options): Promise<Dataset> {
  requireSplit(split);
  requireArgument(labels === "fine" || labels === "coarse", "labels", labels, '"fine" or "coarse"');
  const advice = downloadAdvice("downloadCifar100", directory);
  const name = `${split}.bin`;
  const folder = await requireDataFolder(
    directory,
    cifar100Archive.folder,
    new RegExp(`^${split}\\.bin$`),
    name,
    advice,
  );
  const builtIn = labels === "fine" ? cifar100FineClasses : cifar100CoarseClasses;
  const classNames = await readClassNames(folder, `${labels}_label_names.txt`, builtIn);
  const layout = { labelBytes: 2, labelByte: labels === "fine" ? 1 : 0, classes: classNames.length, advice };
  const records = await readRecords([join(folder.path, name)], layout);
  return dataset({ ...records, shape: [32, 32, 3], classNames });
}

function requireSplit(split: string): void {
  requireArgument(split === "train" || split === "test", "split", split, '"train" or "test"');
}

function batchNumber(file: string): number {
  return Number(/\d+/.exec(file)?.[0] ?? 0);
}

function downloadAdvice(download: string, directory: string): string {
  return `get the official binary version with ${download}({ directory: ${JSON.stringify(directory)} })`;
}
