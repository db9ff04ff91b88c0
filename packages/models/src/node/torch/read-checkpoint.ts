import type { StoredTensor } from "@awp/core";
import type { Fail, OpenFile } from "@awp/core/node";
import { readArchive } from "./archive";
import { elements } from "./elements";
import { readLegacy } from "./legacy";
import { stateDict, type StateDictOptions } from "./state-dict";
import { copiedBytes, storedTensor, type TorchTensor } from "./tensor";

/** Copies of views may take this many times the file's bytes, and 64 MiB: one element may be expanded to any shape. */
const largestRatio = 8;
const spare = 2 ** 26;

/** The tensors of a file of PyTorch's; those of the dict that is meant, where it holds several. */
export async function readCheckpoint(
  file: OpenFile,
  format: "archive" | "legacy",
  options: StateDictOptions,
  fail: Fail,
): Promise<Map<string, StoredTensor>> {
  const { value, read } = await (format === "archive" ? readArchive : readLegacy)(file, fail);
  const tensors = stateDict(value, options, fail);
  const copied = [...tensors.values()].reduce((sum, tensor) => sum + copiedBytes(tensor), 0);
  const { size } = await file.stat();
  if (!(copied <= largestRatio * size + spare)) {
    fail(`refused tensors of ${copied} bytes, which are views of a file of ${size}`);
  }

  const made = new Map<string, StoredTensor>();
  for (const [, sharing] of byStorage(tensors)) {
    const [[, { storage, type }]] = sharing as [Named];
    const bytes = await read(storage, elements[type].width);
    for (const [name, tensor] of sharing) {
      const end = tensor.storage.start + tensor.storage.length;
      if (end > bytes.length)
        fail(`damaged: storage ${JSON.stringify(storage.key)} has ${bytes.length} bytes, want ${end}`);
      made.set(name, storedTensor(tensor, bytes));
    }
  }
  return new Map([...tensors.keys()].map((name) => [name, made.get(name) as StoredTensor]));
}

type Named = readonly [name: string, tensor: TorchTensor];

/** The tensors of each storage, so that no more than one of those that are copied from is in memory. */
function byStorage(tensors: ReadonlyMap<string, TorchTensor>): ReadonlyMap<string, readonly Named[]> {
  const groups = new Map<string, Named[]>();
  for (const named of tensors) {
    const { key } = named[1].storage;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [named]);
    else group.push(named);
  }
  return groups;
}
