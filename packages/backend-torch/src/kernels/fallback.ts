import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import type { NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import type { TorchBackend } from "../backend";
import { splitComplex } from "../data";
import type { Inputs } from "./torch-kernel";

/** A `cpu` backend of our own: its data belongs to the garbage collector, not to tfjs's engine. */
const cpu = quiet(new MathBackendCPU());

/** Runs a kernel of tfjs's `cpu` backend over copies of the data: for types and operations that few programs use. */
export function runFallback(
  backend: TorchBackend,
  kernelName: string,
  inputs: Inputs,
  attributes: NamedAttrMap,
): TensorInfo | TensorInfo[] {
  backend.recorder?.refuse(`${kernelName} runs in JavaScript on these tensors, over copies`);
  const kernel = tf.getKernel(kernelName, "cpu");
  if (kernel === undefined) throw new Error(`${kernelName}: no kernel takes tensors of these types`);
  const outputs = kernel.kernelFunc({ inputs: copy(backend, inputs) as never, backend: cpu, attrs: attributes });
  return Array.isArray(outputs) ? outputs.map((info) => fromCpu(backend, info)) : fromCpu(backend, outputs);
}

/** Inputs are a record or a list of tensors, of which some may be absent and some lists. */
function copy(backend: TorchBackend, inputs: Copied): unknown {
  if (inputs === null || inputs === undefined) return inputs;
  if (Array.isArray(inputs)) return inputs.map((input) => copy(backend, input as Copied));
  if ("dataId" in inputs) return toCpu(backend, inputs as TensorInfo);
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, copy(backend, input)]));
}

type Copied = TensorInfo | Inputs | readonly Copied[] | null | undefined;

function toCpu(backend: TorchBackend, { dataId, shape, dtype }: TensorInfo): TensorInfo {
  // Some kernels of tfjs read the rank, which tensors have and their descriptions have not.
  const ranked = (info: TensorInfo): TensorInfo => Object.assign(info, { rank: shape.length });
  if (dtype !== "complex64") return ranked(cpu.makeTensorInfo(shape, dtype, backend.readSync(dataId)));
  const { real, imag } = splitComplex(backend.readSync(dataId) as Float32Array);
  const result = cpu.makeTensorInfo(shape, dtype);
  cpu.data.get(result.dataId).complexTensorInfos = {
    real: cpu.makeTensorInfo(shape, "float32", real),
    imag: cpu.makeTensorInfo(shape, "float32", imag),
  };
  return ranked(result);
}

function fromCpu(backend: TorchBackend, { dataId, shape, dtype }: TensorInfo): TensorInfo {
  return backend.makeTensorInfo(shape, dtype, cpu.readSync(dataId));
}

/** Spares the user the advice to install tfjs-node, which the backend prints at its first write. */
function quiet(backend: MathBackendCPU): MathBackendCPU {
  (backend as unknown as { firstUse: boolean }).firstUse = false;
  return backend;
}
