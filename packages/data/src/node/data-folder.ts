import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "./data-error";

/** The folder of a data set's files: `directory` itself, or one level down as its archive unpacks. */
export interface DataFolder {
  readonly path: string;
  readonly files: readonly string[];
}

/** The first of `directory` and `directory/archiveFolder` that holds a file `wanted`, or undefined. */
export async function findDataFolder(
  directory: string,
  archiveFolder: string,
  wanted: RegExp,
): Promise<DataFolder | undefined> {
  for (const path of [directory, join(directory, archiveFolder)]) {
    const files = await list(path);
    if (files?.some((file) => wanted.test(file)) === true) return { path, files };
  }
  return undefined;
}

/** The folder that {@link findDataFolder} finds; throws a {@link DataError} where it finds none. */
export async function requireDataFolder(
  directory: string,
  archiveFolder: string,
  wanted: RegExp,
  name: string,
  advice: string,
): Promise<DataFolder> {
  const folder = await findDataFolder(directory, archiveFolder, wanted);
  if (folder !== undefined) return folder;
  if ((await list(directory)) === undefined) throw new DataError(directory, "no such folder", advice);
  throw new DataError(directory, `${name} is neither here nor in ${archiveFolder}/`, advice);
}

/** The paths of the files `wanted`, by the number in their name. */
export function numbered({ path, files }: DataFolder, wanted: RegExp): readonly string[] {
  const numberIn = (file: string): number => Number(/\d+/.exec(file)?.[0] ?? 0);
  return files
    .filter((file) => wanted.test(file))
    .sort((a, b) => numberIn(a) - numberIn(b))
    .map((file) => join(path, file));
}

/** The class names in `file`, one per line, or `otherwise` where there is no such file. */
export async function readClassNames(
  folder: DataFolder,
  file: string,
  otherwise: readonly string[],
): Promise<readonly string[]> {
  if (!folder.files.includes(file)) return otherwise;
  const path = join(folder.path, file);
  const names = (await readFile(path, "utf8")).split(/\r?\n/).filter((line) => line !== "");
  if (names.length === otherwise.length) return names;
  const problem = `${names.length} class names, want ${otherwise.length}`;
  throw new DataError(path, problem, "correct the file, or delete it to use the official names");
}

async function list(path: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
