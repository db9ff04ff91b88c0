import type { DataType, TensorInfo } from "@tensorflow/tfjs-core";
import type { TorchData } from "../data";

/** What recording needs of the backend's data. */
export interface DataStore {
  /** The data of a native tensor. */
  nativeData(info: TensorInfo): TorchData;
  /** Whether the data is here and native. */
  holds(dataId: object): boolean;
  /** New data that owns a handle. */
  adopt(handle: number, shape: number[], dtype: DataType): TensorInfo;
  /** The same values in data of its own. */
  copy(info: TensorInfo): TensorInfo;
  /** The same data once more. */
  share(info: TensorInfo): TensorInfo;
}
