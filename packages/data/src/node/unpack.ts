import { createReadStream } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { tarFiles } from "./tar";

/**
 * Unpacks the files of `folder` in a `.tar.gz` to `directory/folder`: beside it first, then renamed, so that the folder
 * is whole or absent.
 *
 * @throws Error if a file of the archive lies outside `folder`, or the archive is damaged
 */
export async function unpack(archive: string, directory: string, folder: string, signal?: AbortSignal): Promise<void> {
  const unfinished = join(directory, `${folder}.part`);
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished);
  try {
    const write = async (bytes: AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const { name, content } of tarFiles(bytes)) {
        await writeFile(join(unfinished, fileName(name, folder)), content);
      }
    };
    await pipeline(createReadStream(archive), createGunzip(), write, signal === undefined ? {} : { signal });
    await rename(unfinished, join(directory, folder));
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

/** A file's name in an archive, which is flat: what is not directly in `folder` is refused, `..` and absolute paths too. */
function fileName(path: string, folder: string): string {
  const [first, name, ...deeper] = path.replace(/^\.\//, "").split("/");
  const flat = first === folder && name !== undefined && deeper.length === 0;
  if (!flat || !/^[\w-][\w.-]*$/.test(name))
    throw new Error(`the archive holds ${JSON.stringify(path)}: not in ${folder}/`);
  return name;
}
