import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AwpError, type StoredTensor } from "@awp/core";
import { readWeights } from "../../../src/node";

/** A folder with one file, which is written anew to be read. */
export interface WrittenFiles {
  readonly folder: string;
  readonly path: string;
  /** The tensors in a file of these bytes. */
  readonly read: (bytes: Uint8Array, key?: string) => Promise<Map<string, StoredTensor>>;
  /** The message of the AwpError by which such a file is refused; it names the file. */
  readonly refusal: (bytes: Uint8Array, key?: string) => Promise<string>;
  readonly remove: () => void;
}

export function writtenFiles(): WrittenFiles {
  const folder = mkdtempSync(join(tmpdir(), "awp-files-"));
  const path = join(folder, "file.pt");
  const read: WrittenFiles["read"] = async (bytes, key) => {
    writeFileSync(path, bytes);
    return readWeights(path, { key });
  };
  return {
    folder,
    path,
    read,
    refusal: async (bytes, key) => {
      const error: unknown = await read(bytes, key).catch((thrown: unknown) => thrown);
      if (AwpError.is(error) && error.message.startsWith(`${path}: `)) return error.message;
      throw new Error(`not refused: ${String(error)}`, { cause: error });
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
