import type * as tf from "@tensorflow/tfjs-core";
import type { KernelCall } from "./wasm-fallback";

/*
 * What the kernels of TensorFlow.js 4.22's wasm backend refuse or, without a word, compute wrongly, found by comparing
 * each with the cpu backend's. `test/backend/wasm-limits.test.ts` has an example of each.
 */

/** Whether a kernel of the wasm backend is at its limits with a call. */
type Limit = (call: KernelCall) => boolean;

const always: Limit = () => true;

/** Channels first are refused, or read as if they were the last; rounding up leaves rows unwritten. */
const window: Limit = ({ attrs }) =>
  attrs?.["dataFormat"] === "NCHW" || attrs?.["dimRoundingMode"] === "ceil" || attrs?.["dimRoundingMode"] === "round";

/** The shapes of the matrices that have been the right factor of a product. */
const packed = new WeakMap<tf.DataId, string>();

/** The backend keeps a right factor packed by its data alone: seen again in another shape, it writes out of bounds. */
const product: Limit = ({ inputs }) => {
  const { a, b, bias } = inputs as Record<"a" | "b", tf.TensorInfo> & { bias?: tf.TensorInfo };
  const matrix = String(b.shape.slice(-2));
  const known = packed.get(b.dataId) ?? matrix;
  packed.set(b.dataId, known);
  return known !== matrix || a.dtype !== "float32" || b.dtype !== "float32" || (bias?.shape.length ?? 1) !== 1;
};

const only =
  (...types: readonly tf.DataType[]): Limit =>
  ({ inputs }) =>
    !types.includes((inputs?.["x"] as tf.TensorInfo).dtype);

/** The limits of kernels, by name. */
export const limits: Readonly<Partial<Record<string, Limit>>> = {
  BatchMatMul: product,
  _FusedMatMul: product,
  AvgPool: window,
  MaxPool: window,
  Conv2D: window,
  Conv2DBackpropFilter: window,
  Conv2DBackpropInput: window,
  FusedConv2D: window,
  DepthwiseConv2dNative: window,
  FusedDepthwiseConv2D: window,
  // To bool, it keeps the lowest bits: 256 and 0.5 are false, and true may be 3.
  Cast: ({ attrs, inputs }) => attrs?.["dtype"] === "bool" && inputs?.["x"]?.dtype !== "bool",
  ClipByValue: only("float32"),
  // The gradients of convolution in three dimensions, and the maximum of padded or negative volumes with its gradient.
  Conv3DBackpropFilterV2: always,
  Conv3DBackpropInputV2: always,
  MaxPool3D: always,
  MaxPool3DGrad: always,
  Cumprod: only("float32", "int32"),
  Cumsum: only("float32", "int32"),
  // Padded, and its gradients.
  Dilation2D: always,
  Dilation2DBackpropFilter: always,
  Dilation2DBackpropInput: always,
  GatherV2: ({ attrs }) => attrs?.["batchDims"] !== 0,
  Log1p: always, // the logarithm of 1 + x, which loses small x
  OneHot: ({ attrs }) => attrs?.["dtype"] !== "int32",
  Reverse: only("float32", "int32"),
  Select: ({ inputs }) => inputs?.["t"]?.dtype !== inputs?.["e"]?.dtype,
  Sign: always, // 0 below 1e-7
};
