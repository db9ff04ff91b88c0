import { ByteCursor, described, type Fail, type OpenFile, readPart, readPickle } from "@awp/core/node";
import type { Checkpoint } from "./checkpoint";
import { torchPickle } from "./names";
import type { TorchStorage } from "./tensor";

/** The number that begins these files, as a pickle has it: an integer of ten bytes. */
const magic = Buffer.from("8a0a6cfc9c46f9206aa85019", "hex");
const protocol = 1001;

/** The most that the pickles before the storages take; those of networks have some hundred thousand bytes. */
const longestPickles = 2 ** 26;

/** Whether a file that begins so is of the format before PyTorch 1.6. */
export function isLegacy(head: Uint8Array): boolean {
  // Behind the pickle's protocol, and its frame where it has one.
  return head[0] === 0x80 && [2, 11].some((at) => magic.equals(head.subarray(at, at + magic.length)));
}

/**
 * A checkpoint in the format before PyTorch 1.6, which it still writes where it is asked to: pickles of a magic number,
 * a version, the machine's properties, the value and the keys of the storages; then these, each behind its length. They
 * are little-endian, whatever the machine was.
 */
export async function readLegacy(file: OpenFile, fail: Fail): Promise<Checkpoint> {
  const { size } = await file.stat();
  const cursor = new ByteCursor(await readPart(file, 0, Math.min(size, longestPickles), fail), fail);
  const storages = new Map<string, TorchStorage>();
  const [, version] = [readPickle(cursor, torchPickle(fail)), readPickle(cursor, torchPickle(fail))];
  if (version !== protocol) fail(`is of PyTorch's protocol ${described(version)}, want ${protocol}`);
  readPickle(cursor, torchPickle(fail));
  const value = readPickle(cursor, torchPickle(fail, storages));
  const keys = readPickle(cursor, torchPickle(fail));
  if (!Array.isArray(keys)) return fail("damaged: the keys of the storages are no list");
  const places = await placesOf(keys, cursor.position);
  return {
    value,
    read: async ({ key }) => {
      const place = places.get(key) ?? fail(`damaged: has no storage ${JSON.stringify(key)}`);
      return readPart(file, place.start, place.length, fail);
    },
  };

  async function placesOf(keys: readonly unknown[], first: number) {
    const found = new Map<string, { readonly start: number; readonly length: number }>();
    let at = first;
    for (const key of keys) {
      const storage = storages.get(String(key));
      if (storage === undefined || found.has(storage.key)) return fail("damaged: a storage that no tensor has");
      if (at + 8 > size) fail(`truncated: storage ${JSON.stringify(storage.key)} begins at byte ${at} of ${size}`);
      const count = new ByteCursor(await readPart(file, at, 8, fail), fail).u64();
      const length = count * storage.width;
      if (!(at + 8 + length <= size)) {
        fail(`truncated: storage ${JSON.stringify(storage.key)} ends at byte ${at + 8 + length} of ${size}`);
      }
      found.set(storage.key, { start: at + 8, length });
      at += 8 + length;
    }
    if (at !== size) fail(`damaged: ${size - at} bytes follow the last storage`);
    return found;
  }
}
