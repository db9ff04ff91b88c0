import * as tf from "@tensorflow/tfjs-core";
import type { KernelCall } from "./wasm-fallback";
import {
  averagePoolGradient,
  depthwiseFilterGradient,
  depthwiseInputGradient,
  maxPoolGradient,
  type Windows,
} from "./wasm-windows";

type Shape4D = [number, number, number, number];
type Inputs = Readonly<Record<"dy" | "x" | "filter" | "input" | "output", tf.Tensor4D>>;

/** What TensorFlow.js gives the gradients of depthwise convolution and pooling; a shape with those of convolution alone. */
interface Attributes {
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
  readonly filterSize: number | [number, number];
  readonly inputShape: Shape4D;
  readonly filterShape: Shape4D;
}

const gradients: Readonly<Record<string, (inputs: Inputs, attributes: Attributes) => tf.Tensor4D>> = {
  AvgPoolGrad: ({ dy, input }, attributes) => averagePoolGradient(dy, pooling(input, attributes)),
  MaxPoolGrad: ({ dy, input, output }, attributes) => maxPoolGradient(dy, input, output, pooling(input, attributes)),
  DepthwiseConv2dNativeBackpropInput: ({ dy, filter }, attributes) =>
    depthwiseInputGradient(dy, filter, windows(attributes.inputShape, filter.shape, attributes)),
  DepthwiseConv2dNativeBackpropFilter: ({ x, dy }, attributes) =>
    depthwiseFilterGradient(x, dy, windows(x.shape, attributes.filterShape, attributes)),
};

/** Gives the wasm backend the gradients of depthwise convolution and of pooling, in the place of those that it has. */
export function registerWasmWindowGradients(): void {
  for (const [kernelName, gradient] of Object.entries(gradients)) {
    const backendName = "wasm";
    const kernelFunc = ({ inputs, attrs }: KernelCall): tf.TensorInfo =>
      tf.tidy(() => gradient(inputs as unknown as Inputs, attrs as unknown as Attributes));
    if (tf.getKernel(kernelName, backendName) !== undefined) tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({ kernelName, backendName, kernelFunc });
  }
}

function pooling(input: tf.Tensor4D, attributes: Attributes): Windows {
  const { filterSize } = attributes;
  const [height, width] = typeof filterSize === "number" ? [filterSize, filterSize] : filterSize;
  return windows(input.shape, [height, width, input.shape[3], 1], attributes);
}

function windows(inputShape: Shape4D, filterShape: Shape4D, attributes: Attributes): Windows {
  const { strides, pad, dimRoundingMode } = attributes;
  const info = tf.backend_util.computeConv2DInfo(inputShape, filterShape, strides, 1, pad, dimRoundingMode, true);
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  return {
    inputShape,
    height: filterHeight,
    width: filterWidth,
    strides: [strideHeight, strideWidth],
    top: padInfo.top,
    left: padInfo.left,
  };
}
