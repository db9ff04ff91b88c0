import { decodePickle, type Fail, latin1, openZip, type OpenFile, type Zip } from "@awp/core/node";
import type { Checkpoint } from "./checkpoint";
import { swapBytes } from "./elements";
import { torchPickle } from "./names";

/** PyTorch stores without compression; an archive that was packed anew may be this many times smaller, and 64 MiB. */
const largestRatio = 8;
const spare = 2 ** 26;

/** A checkpoint in the format since PyTorch 1.6: a zip archive of a pickle and of one entry for each storage. */
export async function readArchive(file: OpenFile, fail: Fail): Promise<Checkpoint> {
  const zip = await openZip(file, fail);
  const { size } = await file.stat();
  const unpacked = [...zip.entries.values()].reduce((sum, entry) => sum + entry.size, 0);
  if (!(unpacked <= largestRatio * size + spare)) fail(`refused ${size} bytes that would unpack to ${unpacked}`);

  const folder = folderOf(zip, fail);
  const entry = async (name: string): Promise<Uint8Array | undefined> => {
    const found = zip.entries.get(folder + name);
    return found && zip.read(found);
  };
  const order = latin1((await entry("byteorder")) ?? Buffer.from("little")).trim();
  if (order !== "little" && order !== "big") fail(`damaged: the order of bytes is ${JSON.stringify(order)}`);
  const pickle = (await entry("data.pkl")) as Uint8Array;
  const within: Fail = (problem) => fail(`entry ${JSON.stringify(`${folder}data.pkl`)}: ${problem}`);
  return {
    value: decodePickle(pickle, torchPickle(within)),
    read: async ({ key }, width) => {
      const bytes = (await entry(`data/${key}`)) ?? fail(`damaged: has no storage ${JSON.stringify(key)}`);
      if (order === "big") swapBytes(bytes, width);
      return bytes;
    },
  };
}

/** The folder of the archive that has the pickle, whatever it is called. */
function folderOf({ entries }: Zip, fail: Fail): string {
  const pickle = "data.pkl";
  const names = [...entries.keys()];
  const [found, ...others] = names.filter((name) => name === pickle || name.endsWith(`/${pickle}`));
  if (names.some((name) => /(^|\/)constants\.pkl$/.test(name))) {
    fail(
      "is a TorchScript archive, which has code in it; in Python, torch.save(torch.jit.load(path).state_dict(), other)",
    );
  }
  if (found === undefined || others.length > 0) {
    return fail(
      `is a zip archive, but not one that torch.save wrote: it has ${names.slice(0, 5).join(", ") || "no entry"}`,
    );
  }
  return found.slice(0, -pickle.length);
}
