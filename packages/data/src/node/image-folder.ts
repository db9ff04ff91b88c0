import { availableParallelism } from "node:os";
import { requireArgument, requireCount } from "@awp/core/authoring";
import { type Dataset, dataset, imageSize, type ImageShape } from "../dataset/dataset";
import { type ClassFile, classFiles } from "./class-folders";
import { DataError } from "./data-error";
import { type DecodedForm, type DecodedImage, type Decoder, sharpDecoder } from "./decoder";

export interface ImageFolderOptions {
  /** The folder with a folder of images for each class. */
  readonly directory: string;
  /**
   * The side of the images in pixels, or height and width: the image is scaled until it covers that, and the middle of
   * it taken. Without it all images must have one size.
   */
  readonly size?: number | readonly [height: number, width: number];
  /** 3, or 1 for grey images. @default 3 */
  readonly channels?: 1 | 3;
  /** The classes in the order of the labels, where they are more than the folders or in another order. */
  readonly classNames?: readonly string[];
}

/** A data set of files: row r of its images is `files[r]`. */
export interface ImageFolder extends Dataset {
  /** The paths of the images, one for each row. */
  readonly files: readonly string[];
}

/**
 * The images of `directory/<class>/*.png`, `.jpg`, `.webp`, `.gif`, `.tiff` or `.avif`, as bytes in memory. The classes
 * are the names of the folders as a computer sorts them ("10" before "2"), as torchvision's `ImageFolder` has them.
 *
 * Needs the package sharp beside this one: `npm install sharp`. Transparency is dropped.
 *
 * @throws DataError that names the file or folder: no class, one without an image, a file that is no image or has
 * another size than the first; ArgumentError for an option that cannot be meant; AwpError where sharp is missing.
 * @example
 * const test = await imageFolder({ directory: "imagenette/val", size: 224 });
 */
export async function imageFolder(options: ImageFolderOptions): Promise<ImageFolder> {
  const { directory, channels = 3, classNames } = options;
  requireArgument([1, 3].includes(channels), "channels", channels, "1 or 3");
  const size = typeof options.size === "number" ? ([options.size, options.size] as const) : options.size;
  for (const side of size ?? []) requireCount("size", side);

  const found = await classFiles(directory, classNames);
  const decoder = await sharpDecoder();
  const paths = found.files.map(({ path }) => path);
  const first = await decoded(decoder, paths[0] as string, { size, channels });
  const shape: ImageShape = [first.height, first.width, channels];
  const images = new Uint8Array(paths.length * imageSize(shape));
  await inParallel(found.files, async ({ path }, row) => {
    const image = row === 0 ? first : await decoded(decoder, path, { size, channels });
    if (image.height !== first.height || image.width !== first.width) {
      const problem = `${image.width}×${image.height} pixels, where ${paths[0]} has ${first.width}×${first.height}`;
      throw new DataError(path, problem, "give a size to bring all of them to");
    }
    images.set(image.pixels, row * imageSize(shape));
  });
  const labels = Int32Array.from(found.files, ({ label }: ClassFile) => label);
  return { ...dataset({ images, labels, shape, classNames: found.classNames }), files: paths };
}

async function decoded(decoder: Decoder, path: string, form: DecodedForm): Promise<DecodedImage> {
  try {
    return await decoder(path, form);
  } catch (error) {
    throw new DataError(path, `no image that can be read (${(error as Error).message})`, "mend or remove it", {
      cause: error,
    });
  }
}

/** Works on a few items at a time, so that not all files are open at once. */
async function inParallel<Item>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) await work(item, index);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}
