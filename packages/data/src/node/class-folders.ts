import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "./data-error";

/** An image file and its class. */
export interface ClassFile {
  readonly path: string;
  readonly label: number;
}

const imageFile = /\.(png|jpe?g|webp|gif|tiff?|avif)$/i;

/** The image files of `directory/<class>/`, class by class, each sorted by name. */
export async function classFiles(
  directory: string,
  classNames: readonly string[] | undefined,
): Promise<{ readonly files: readonly ClassFile[]; readonly classNames: readonly string[] }> {
  const layout = "want a folder for each class with its images in it";
  const folders = await foldersIn(directory, layout);
  if (folders.length === 0) throw new DataError(directory, "no folder in it", layout);
  const names = classNames ?? folders;
  const files: ClassFile[] = [];
  for (const folder of folders) {
    const path = join(directory, folder);
    const label = names.indexOf(folder);
    if (label < 0) throw new DataError(path, "not among the class names given", "rename or remove it");
    const images = (await readdir(path)).filter((file) => imageFile.test(file) && !file.startsWith(".")).sort();
    if (images.length === 0) throw new DataError(path, "no image in it", "add some, or remove the folder");
    files.push(...images.map((file) => ({ path: join(path, file), label })));
  }
  return { files, classNames: names };
}

/** The folders in a folder, sorted; hidden ones are passed over. */
async function foldersIn(directory: string, advice: string): Promise<string[]> {
  const entries = await readdir(directory).catch((error: unknown) => {
    throw new DataError(directory, "no such folder", advice, { cause: error });
  });
  const visible = entries.filter((entry) => !entry.startsWith(".")).sort();
  const isFolder = await Promise.all(visible.map(async (entry) => (await stat(join(directory, entry))).isDirectory()));
  return visible.filter((_, position) => isFolder[position]);
}
