import type { PickleValue } from "@awp/core/node";
import type { TorchStorage } from "./tensor";

/** What a file of PyTorch's holds: a value with tensors in it, whose storages are read one by one. */
export interface Checkpoint {
  readonly value: PickleValue;
  /**
   * The whole storage under its key, in memory of its own and in this machine's order of bytes, for elements of that
   * width.
   */
  readonly read: (storage: TorchStorage, width: number) => Promise<Uint8Array>;
}
