import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { type Dataset, subset } from "@awp/data";
import { cifar10, cifar100, type ImageFolder, imageFolder } from "@awp/data/node";
import { UsageError } from "../usage-error";

/** Images on disk, and which of them. */
export interface ImageSource {
  readonly directory: string;
  /** Which of CIFAR's, where a folder has both. @default CIFAR-10 */
  readonly set?: "cifar10" | "cifar100" | undefined;
  /** Training or test images of CIFAR. @default "test" */
  readonly split?: "train" | "test";
  /** How many; all of them where it is left out. */
  readonly count: number | undefined;
  /** The side that a folder's images are brought to. */
  readonly size: number | undefined;
  /** A file with a class on each line, in the order of the model's logits, for a folder of images. */
  readonly classNames: string | undefined;
}

export type LoadedImages = Dataset &
  Partial<Pick<ImageFolder, "files">> & {
    /** What people call them: CIFAR-10, CIFAR-100, or the folder's own name. */
    readonly name: string;
  };

/** How a folder keeps its images. */
type Layout = "cifar-10" | "cifar-100" | "folder";

/** Sees by the files that are there how a folder keeps its images. */
function layoutOf({ directory, set }: ImageSource): Layout {
  const holds = (folder: string, file: string): boolean =>
    existsSync(join(directory, file)) || existsSync(join(directory, folder, file));
  const found: Layout[] = [];
  if (holds("cifar-10-batches-bin", "test_batch.bin")) found.push("cifar-10");
  if (holds("cifar-100-binary", "test.bin")) found.push("cifar-100");
  return (set === "cifar100" ? found.at(-1) : found[0]) ?? "folder";
}

/**
 * The images: those of CIFAR's split, the first `count` of them, or those of a folder, `count` of them at even distances.
 * `input` is what the model takes, if it says: a folder's images are brought to that size.
 *
 * @throws UsageError where the options do not go with the data; DataError for a file at fault.
 */
export async function loadImages(
  source: ImageSource,
  input: readonly (number | null)[] | undefined,
): Promise<LoadedImages> {
  const { directory, size, count, split = "test" } = source;
  const layout = layoutOf(source);
  if (layout === "folder") {
    return { ...spread(await fromFolder(source, input), count), name: basename(resolve(directory)) };
  }
  for (const [option, value] of Object.entries({ "--size": size, "--class-names": source.classNames })) {
    if (value !== undefined) throw new UsageError(`${option} is for a folder of images, and ${directory} is ${layout}`);
  }
  const images = await (layout === "cifar-10" ? cifar10 : cifar100)({ directory, split });
  const first = count === undefined ? images : subset(images, { end: atMost(count, images) });
  return { ...first, name: layout === "cifar-10" ? "CIFAR-10" : "CIFAR-100" };
}

async function fromFolder(
  { directory, size, classNames }: ImageSource,
  input: readonly (number | null)[] | undefined,
): Promise<ImageFolder> {
  const [height, width, channels] = input ?? [];
  const sized = size ?? (height && width ? ([height, width] as const) : undefined);
  return imageFolder({
    directory,
    channels: channels === 1 ? 1 : 3,
    ...(sized === undefined ? {} : { size: sized }),
    ...(classNames === undefined ? {} : { classNames: await lines(classNames) }),
  });
}

async function lines(file: string): Promise<string[]> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new UsageError(`--class-names: ${(error as Error).message}`, { cause: error });
  });
  return text.split(/\r?\n/).filter((line) => line !== "");
}

/** So that a part of a folder, which is sorted by class, has all classes. */
function spread(images: ImageFolder, count: number | undefined): Omit<LoadedImages, "name"> {
  if (count === undefined) return images;
  const total = images.indices.length;
  const positions = Array.from({ length: atMost(count, images) }, (_, i) => Math.floor((i * total) / count));
  return { ...subset(images, positions), files: images.files };
}

function atMost(count: number, { indices }: Dataset): number {
  if (count > indices.length) throw new UsageError(`--count is ${count}, and there are ${indices.length} images`);
  return count;
}
