import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { AwpError } from "../error";

type Values = tf.backend_util.BackendValues;

/** What we use of the wasm backend beside its kernels. */
export type WasmMemory = Pick<BackendWasm, "dataIdMap" | "makeOutput" | "readSync" | "typedArrayFromHeap" | "write">;

type KernelInputs = tf.NamedTensorInfoMap | undefined;

/** What runs a kernel on: inputs may be a record or a list of tensors, of which some may be absent and some lists. */
type Copied = tf.TensorInfo | KernelInputs | readonly Copied[] | null;

let ownCpu: MathBackendCPU | undefined;

/**
 * Runs a kernel of TensorFlow.js's `cpu` backend on tensors of the wasm backend, over copies of their data.
 *
 * @throws AwpError where the `cpu` backend is not imported.
 */
export function runOnCpu(kernelName: string, { inputs, attrs, backend }: KernelCall): tf.TensorInfo | tf.TensorInfo[] {
  const wasm = backend as WasmMemory;
  const kernel = tf.getKernel(kernelName, "cpu");
  ownCpu ??= quiet(tf.findBackendFactory("cpu")?.() as MathBackendCPU | undefined);
  if (kernel === undefined || ownCpu === undefined) {
    throw new AwpError(
      `${kernelName} on these tensors has no kernel on the backend wasm, and the backend cpu, whose kernel would take its ` +
        'place, is not there: await useBackend("wasm") of @awp/core, or import "@tensorflow/tfjs-backend-cpu"',
    );
  }
  const cpu = ownCpu;
  const outputs = kernel.kernelFunc({ inputs: copied(inputs), attrs, backend: cpu } as KernelCall);
  return Array.isArray(outputs) ? outputs.map(fromCpu) : fromCpu(outputs);

  function copied(value: Copied): unknown {
    if (value === null || value === undefined) return value;
    if (Array.isArray(value)) return value.map(copied);
    if ("dataId" in value) return toCpu(value as tf.TensorInfo);
    return Object.fromEntries(Object.entries(value).map(([name, input]) => [name, copied(input)]));
  }

  function toCpu({ dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo {
    // Some kernels read the rank, which tensors have and their descriptions have not.
    const ranked = (info: tf.TensorInfo): tf.TensorInfo => Object.assign(info, { rank: shape.length });
    if (dtype !== "complex64") return ranked(cpu.makeTensorInfo(shape, dtype, wasm.readSync(dataId)));
    const { real, imag } = tf.backend_util.splitRealAndImagArrays(complexValues(wasm, dataId));
    const info = cpu.makeTensorInfo(shape, dtype);
    cpu.data.get(info.dataId).complexTensorInfos = {
      real: cpu.makeTensorInfo(shape, "float32", real),
      imag: cpu.makeTensorInfo(shape, "float32", imag),
    };
    return ranked(info);
  }

  function fromCpu({ dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo {
    let values: Values = cpu.readSync(dataId);
    // Some kernels leave plain arrays, which wasm cannot take; in those of strings each entry is a typed array.
    if (Array.isArray(values) && dtype !== "string") values = tf.util.toTypedArray(values, dtype as "float32");
    if (dtype === "complex64") makeComplexReadable(wasm);
    return { dataId: wasm.write(values, shape, dtype), shape, dtype };
  }
}

/** What TensorFlow.js calls a kernel with. */
export type KernelCall = Parameters<tf.KernelFunc>[0];

/** The tensors that a kernel gets. */
export function tensorsOf(inputs: Copied): tf.TensorInfo[] {
  if (inputs === null || inputs === undefined) return [];
  if ("dataId" in inputs) return [inputs as tf.TensorInfo];
  return Object.values(inputs).flatMap((input) => tensorsOf(input as Copied));
}

/** The wasm backend stores real and imaginary parts in turn, as they are written, but does not read that type. */
function complexValues(wasm: WasmMemory, dataId: tf.DataId): Float32Array {
  const shape = [2, ...wasm.dataIdMap.get(dataId).shape];
  return wasm.typedArrayFromHeap({ dataId, shape, dtype: "float32" }).slice() as Float32Array;
}

const complexReaders = new WeakSet<WasmMemory>();

function makeComplexReadable(wasm: WasmMemory): void {
  if (complexReaders.has(wasm)) return;
  complexReaders.add(wasm);
  const readSync = wasm.readSync.bind(wasm);
  wasm.readSync = (dataId, ...range) =>
    wasm.dataIdMap.get(dataId).dtype === "complex64" ? complexValues(wasm, dataId) : readSync(dataId, ...range);
}

/**
 * A `cpu` backend of our own: its data belongs to the garbage collector, and the user's stays apart. It must not print
 * the advice to install tfjs-node that comes with a first write.
 */
function quiet(cpu: MathBackendCPU | undefined): MathBackendCPU | undefined {
  return cpu && Object.assign(cpu, { firstUse: false });
}
