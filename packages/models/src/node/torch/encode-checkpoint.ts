import type { StoredTensor } from "@awp/core";
import { storedZip } from "@awp/core/node";
import { encodeStateDict } from "./encode-pickle";

/**
 * The parts of a file that `torch.load` reads as an ordered dict of tensors, also with `weights_only`, and that
 * `load_state_dict` takes: the format since PyTorch 1.6.
 */
export function* encodeCheckpoint(entries: ReadonlyMap<string, StoredTensor>): Generator<Uint8Array> {
  const bytes = ({ data }: StoredTensor): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  yield* storedZip([
    ["archive/data.pkl", encodeStateDict(entries)],
    ["archive/byteorder", Buffer.from("little")],
    ...[...entries.values()].map((entry, index) => [`archive/data/${index}`, bytes(entry)] as const),
    ["archive/version", Buffer.from("3\n")],
  ]);
}
