import { openZip, withFile } from "@awp/core/node";
import { decodeNpy } from "./numpy/npy";
import type { NumpyArray } from "./numpy/numpy-array";
import { failing } from "./data-error";

/**
 * The arrays of a `.npz` file that `names` lists, and no others.
 *
 * @throws DataError if the file lacks one of them or is damaged; names the file and the array
 */
export function readNpz<Name extends string>(
  path: string,
  names: readonly Name[],
  advice: string,
): Promise<Record<Name, NumpyArray>> {
  const fail = failing(path, advice);
  return withFile(path, fail, async (file) => {
    const zip = await openZip(file, fail);
    const arrays = {} as Record<Name, NumpyArray>;
    for (const name of names) {
      const entry = zip.entries.get(`${name}.npy`);
      if (entry === undefined) {
        const others = [...zip.entries.keys()].slice(0, 8).join(", ");
        return fail(`has no array ${JSON.stringify(name)}, but ${others || "nothing"}`);
      }
      arrays[name] = decodeNpy(await zip.read(entry), (problem) => fail(`array ${JSON.stringify(name)}: ${problem}`));
    }
    return arrays;
  });
}
