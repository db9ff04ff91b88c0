import * as tf from "@tensorflow/tfjs-core";
import type { KernelConfig } from "@tensorflow/tfjs-core";
import type { TorchBackend } from "../backend";
import { contract } from "./contract";
import { convolution } from "./convolution";
import { elementwise } from "./elementwise";
import { runFallback } from "./fallback";
import { layout } from "./layout";
import { matmul } from "./matmul";
import { normalization } from "./normalization";
import { pooling } from "./pooling";
import { reductions } from "./reductions";
import type { Inputs, TorchKernel } from "./torch-kernel";
import { shape } from "./shape";

const native = [elementwise, reductions, layout, matmul, convolution, pooling, normalization, contract].flat();

/** Registers every kernel that tfjs's `cpu` backend has, native where there is one, and @awp/core's. */
export function registerKernels(backendName: string): void {
  for (const { name, run } of shape) register(name, (backend, inputs, attributes) => run(backend, inputs, attributes));
  for (const kernel of native) register(kernel.name, withFallback(kernel));
  for (const { kernelName } of tf.getKernelsForBackend("cpu")) {
    register(kernelName, (backend, inputs, attributes) => runFallback(backend, kernelName, inputs, attributes));
  }

  function register(kernelName: string, run: TorchKernel["run"]): void {
    if (tf.getKernel(kernelName, backendName) !== undefined) return;
    const kernelFunc: KernelConfig["kernelFunc"] = ({ inputs, backend, attrs }) =>
      run(backend as unknown as TorchBackend, inputs as unknown as Inputs, attrs ?? {});
    tf.registerKernel({ kernelName, backendName, kernelFunc });
  }
}

function withFallback({ name, when, run }: TorchKernel): TorchKernel["run"] {
  return (backend, inputs, attributes) => {
    const natively = onlyNative(inputs) && (when === undefined || when(inputs, attributes));
    return natively ? run(backend, inputs, attributes) : runFallback(backend, name, inputs, attributes);
  };
}

function onlyNative(inputs: Inputs): boolean {
  for (const name in inputs) {
    const dtype = inputs[name]?.dtype;
    if (dtype === "string" || dtype === "complex64") return false;
  }
  return true;
}
