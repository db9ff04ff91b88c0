import * as tf from "@tensorflow/tfjs-core";
import { type KernelCall, runOnCpu, tensorsOf } from "./wasm-fallback";
import { registerWasmConvolutionGradients } from "./wasm-convolution";
import { mendResizeGradients } from "./resize-gradients";
import { limits } from "./wasm-limits";
import { registerWasmWindowGradients } from "./wasm-window-kernels";

/** The kernels that TensorFlow.js's `cpu` backend has and its wasm backend lacks; gradients of our own aside. */
const missing = [
  "Complex",
  "ComplexAbs",
  "Draw",
  "Einsum",
  "FFT",
  "IFFT",
  "Imag",
  "RaggedGather",
  "RaggedRange",
  "RaggedTensorToTensor",
  "Real",
  "StaticRegexReplace",
  "UnsortedSegmentSum",
];

const completed = "Conv2DBackpropFilter"; // which the wasm backend has only once we gave it

/** Gives the wasm backend, once, what it lacks of TensorFlow.js's kernels; call it after that backend is imported. */
export function completeWasm(): void {
  if (tf.getKernel(completed, "wasm") !== undefined) return;
  for (const kernelName of missing) {
    if (tf.getKernel(kernelName, "wasm") !== undefined) continue;
    tf.registerKernel({ kernelName, backendName: "wasm", kernelFunc: (call) => runOnCpu(kernelName, call) });
  }
  registerWasmConvolutionGradients();
  registerWasmWindowGradients();
  mendResizeGradients("wasm");
  for (const kernel of tf.getKernelsForBackend("wasm")) guard(kernel);
}

/** Sends calls that a kernel of the wasm backend cannot answer, or answers wrongly, to the `cpu` backend's. */
function guard(kernel: tf.KernelConfig): void {
  const { kernelName, kernelFunc } = kernel;
  const wrong = limits[kernelName];
  const beyond = (call: KernelCall): boolean =>
    wrong?.(call) === true || tensorsOf(call.inputs).some(({ dtype }) => dtype === "complex64");
  tf.unregisterKernel(kernelName, "wasm");
  tf.registerKernel({
    ...kernel,
    kernelFunc: (call) => (beyond(call) ? runOnCpu(kernelName, call) : kernelFunc(call)),
  });
}
