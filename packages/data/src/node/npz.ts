import { decodeNpy } from "../numpy/npy";
import type { NumpyArray } from "../numpy/numpy-array";
import { failing, openDataFile } from "./data-file";
import { DataError } from "./data-error";
import { openZip } from "./zip";

/**
 * The arrays of a `.npz` file that `names` lists, and no others.
 *
 * @throws DataError if the file lacks one of them or is damaged; names the file and the array
 */
export async function readNpz<Name extends string>(
  path: string,
  names: readonly Name[],
  advice: string,
): Promise<Record<Name, NumpyArray>> {
  const file = await openDataFile(path, advice);
  try {
    const zip = await openZip(file, failing(path, advice));
    const arrays = {} as Record<Name, NumpyArray>;
    for (const name of names) {
      const entry = zip.entries.get(`${name}.npy`);
      if (entry === undefined) {
        const others = [...zip.entries.keys()].slice(0, 8).join(", ");
        throw new DataError(path, `has no array ${JSON.stringify(name)}, but ${others || "nothing"}`, advice);
      }
      const fail = failing(path, advice);
      arrays[name] = decodeNpy(await zip.read(entry), (problem) => fail(`array ${JSON.stringify(name)}: ${problem}`));
    }
    return arrays;
  } finally {
    await file.close();
  }
}
