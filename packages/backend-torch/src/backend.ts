import * as tf from "@tensorflow/tfjs-core";
import type { backend_util, DataType, TensorInfo } from "@tensorflow/tfjs-core";
import { Calls } from "./calls";
import { type HostValues, isNativeType, noHandle, splitComplex, TorchData, typedValues } from "./data";
import type { Addon, NativeStats } from "./native";
import { countedOperations, type Operations, type OperationsOptions } from "./operations";
import type { StepFunction, StepRecorder } from "./recording/engine";
import { type RecordedStep, recordedStep } from "./recording/recorded-step";

/** The TensorFlow.js backend whose tensors are libtorch's. */
export class TorchBackend extends tf.KernelBackend {
  /** What it computes on: `"cpu"` or `"cuda"`. */
  readonly device: "cpu" | "cuda";
  readonly #addon: Addon;
  readonly #calls: Calls;
  /** Data that other backends made and moved here. */
  readonly #foreign = new WeakMap<object, TorchData>();
  /** Watches what runs, while a step is recorded. */
  recorder: StepRecorder | undefined;
  #count = 0;

  constructor(addon: Addon) {
    super();
    this.#addon = addon;
    this.#calls = new Calls(addon);
    this.device = addon.device;
  }

  /** Runs a native kernel; the outputs are new data with one reference each. */
  run(
    name: string,
    inputs: readonly (TensorInfo | null | undefined)[],
    integers: readonly number[] = [],
    numbers: readonly number[] = [],
  ): TensorInfo[] {
    const operands = inputs.map((info) => (info ? { data: this.nativeData(info, name), info } : undefined));
    this.recorder?.calling(name, operands, integers, numbers);
    const call = operands.map((operand) => operand && { handle: operand.data.handle, shape: operand.info.shape });
    const outputs = this.#calls
      .run(name, call, integers, numbers)
      .map(({ handle, dtype, shape }) => this.adopt(handle, shape, dtype));
    this.recorder?.returned(outputs.map(({ dataId }) => dataId as TorchData));
    return outputs;
  }

  /** {@link run} for kernels with one output. */
  runOne(...call: Parameters<TorchBackend["run"]>): TensorInfo {
    return this.run(...call)[0] as TensorInfo;
  }

  /** New data of that type and shape; tfjs's kernels hand over arrays that are labelled with another type. */
  makeTensorInfo(shape: number[], dtype: DataType, values: backend_util.BackendValues): TensorInfo {
    return { dataId: this.write(values, shape, dtype), shape, dtype };
  }

  /** The same data once more, under that shape: no copy. */
  share(info: TensorInfo, shape: number[] = info.shape): TensorInfo {
    this.incRef(info.dataId);
    return { dataId: info.dataId, shape, dtype: info.dtype };
  }

  /** The same values in data of its own. */
  copy(info: TensorInfo): TensorInfo {
    return this.adopt(this.#addon.copy(this.nativeData(info).handle), info.shape, info.dtype);
  }

  /** New data that owns a handle. */
  adopt(handle: number, shape: number[], dtype: DataType): TensorInfo {
    const dataId = this.#register(new TorchData());
    dataId.handle = handle;
    return { dataId, shape, dtype };
  }

  /** Makes a step one that is recorded at its third run and replayed from then on; for @awp/core's `compileStep`. */
  recordStep(step: StepFunction): RecordedStep {
    return recordedStep({ backend: this, addon: this.#addon, calls: this.#calls }, step);
  }

  /** The data of a native tensor; `reader` is who asks, for the error. */
  nativeData({ dataId, dtype }: TensorInfo, reader = "compileStep"): TorchData {
    const data = this.#data(dataId);
    if (data.handle === noHandle) throw new Error(`${reader}: no native kernel takes ${dtype}`);
    return data;
  }

  /** Whether the data is here and native. */
  holds(dataId: object): boolean {
    return (this.#known(dataId)?.handle ?? noHandle) !== noHandle;
  }

  /** The parts of complex data, or the bytes of strings; undefined for what is native. */
  hostValues(dataId: object): HostValues | undefined {
    return this.#data(dataId).host;
  }

  override write(values: backend_util.BackendValues, shape: number[], dtype: DataType): object {
    const data = new TorchData();
    this.#fill(data, values, shape, dtype);
    return this.#register(data);
  }

  override move(
    dataId: object,
    values: backend_util.BackendValues,
    shape: number[],
    dtype: DataType,
    refCount: number,
  ): void {
    const data = dataId instanceof TorchData ? dataId : new TorchData();
    if (data !== dataId) this.#foreign.set(dataId, data);
    this.#register(data);
    this.#fill(data, values, shape, dtype);
    data.refCount = refCount;
  }

  override readSync(dataId: object): backend_util.BackendValues {
    this.recorder?.refuse("a tensor is read back (dataSync, data, array): return it, and read it outside of the step");
    const { handle, host } = this.#data(dataId);
    if (host === undefined) return this.#addon.read(handle);
    return Array.isArray(host) ? host : tf.backend_util.mergeRealAndImagArrays(host.real, host.imag);
  }

  override read(dataId: object): Promise<backend_util.BackendValues> {
    return Promise.resolve(this.readSync(dataId));
  }

  override refCount(dataId: object): number {
    return this.#known(dataId)?.refCount ?? 0;
  }

  override incRef(dataId: object): void {
    this.#data(dataId).refCount++;
  }

  decRef(dataId: object): void {
    const data = this.#known(dataId);
    if (data !== undefined) data.refCount--;
  }

  override disposeData(dataId: object, force = false): boolean {
    const data = this.#known(dataId);
    if (data === undefined) return true;
    data.refCount--;
    if (!force && data.refCount > 0) return false;
    if (data.handle !== noHandle) this.#addon.release(data.handle);
    this.recorder?.dropped(data);
    data.handle = noHandle;
    data.host = undefined;
    this.#foreign.delete(dataId);
    this.#count--;
    return true;
  }

  disposeIntermediateTensorInfo({ dataId }: TensorInfo): void {
    this.disposeData(dataId);
  }

  override numDataIds(): number {
    return this.#count;
  }

  /** Native tensors and their storage; tfjs overwrites `numBytes` with its own sum of logical sizes. */
  override memory(): { unreliable: boolean; numBytesNative: number } {
    return { unreliable: false, numBytesNative: this.stats().bytes };
  }

  /** What is alive on the native side. */
  stats(): NativeStats {
    return this.#addon.stats();
  }

  /** What `run` would give a device to do, whatever it runs on: how often each operator that computes. */
  operations(run: () => void, options?: OperationsOptions): Operations {
    return countedOperations(this.#addon, run, options);
  }

  /** Returns when the device has done what it was given; on the CPU at once. */
  synchronize(): void {
    this.#addon.synchronize();
  }

  override timerAvailable(): boolean {
    return true;
  }

  override time(f: () => void): Promise<{ kernelMs: number }> {
    const start = tf.util.now();
    f();
    return Promise.resolve({ kernelMs: tf.util.now() - start });
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override dispose(): void {
    // Data belongs to tensors; theirs is released as they are disposed.
  }

  #register(data: TorchData): TorchData {
    data.refCount = 1;
    this.#count++;
    return data;
  }

  #fill(data: TorchData, values: backend_util.BackendValues, shape: readonly number[], dtype: DataType): void {
    if (dtype === "string") data.host = values as Uint8Array[];
    else if (dtype === "complex64") data.host = splitComplex(values as Float32Array);
    else if (isNativeType(dtype)) {
      const typed =
        values === undefined || values === null ? new Array<number>(tf.util.sizeFromShape([...shape])).fill(0) : values;
      const array = typedValues(typed, dtype);
      this.recorder?.created(data, array, shape);
      data.handle = this.#addon.create(array);
    } else throw new Error(`a tensor of type ${String(dtype)} cannot be stored`);
  }

  #known(dataId: object): TorchData | undefined {
    const data = dataId instanceof TorchData ? dataId : this.#foreign.get(dataId);
    return data === undefined || (data.handle === noHandle && data.host === undefined) ? undefined : data;
  }

  #data(dataId: object): TorchData {
    const known = this.#known(dataId);
    if (known !== undefined) return known;
    // Another backend's data moves here; disposed data is nobody's.
    if (!tf.engine().state.tensorInfo.has(dataId)) throw new Error("the tensor's data has been disposed");
    this.recorder?.refuse("a tensor is fetched from another backend, as it will not be again");
    tf.engine().moveData(this, dataId);
    return this.#known(dataId) as TorchData;
  }
}
