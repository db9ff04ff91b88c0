import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";

/*
 * @tensorflow/tfjs-node-gpu fetches its library when it is installed, so a machine without that network cannot run it.
 * What keeps our code right for it is a stand-in: the same name, the kernels that it has and no others, and its refusal
 * of padding by numbers.
 */

/**
 * Registers a backend `tensorflow` that computes in plain JavaScript what tfjs-node-gpu's kernels compute, and no more.
 */
export function registerTensorflowStandIn(): void {
  tf.registerBackend("tensorflow", () => new MathBackendCPU());
  for (const kernelName of kernelNames) {
    const kernel = tf.getKernel(kernelName, "cpu");
    if (kernel === undefined) continue;
    const kernelFunc: tf.KernelFunc = (call) => {
      refuseNumericPadding(kernelName, call.attrs);
      return kernel.kernelFunc(call);
    };
    tf.registerKernel({ kernelName, backendName: "tensorflow", kernelFunc });
  }
}

/** Throws for padding by numbers: in tfjs-node-gpu all but the forward convolution do, so no gradient exists. */
function refuseNumericPadding(kernelName: string, attributes: tf.NamedAttrMap | undefined): void {
  const pad = attributes?.["pad"];
  if (!/^(Depthwise)?Conv|Pool/i.test(kernelName) || pad === "same" || pad === "valid") return;
  throw new Error(
    `${kernelName}: the TensorFlow backend supports only 'valid' and 'same' padding, not ${JSON.stringify(pad)}`,
  );
}

/** The kernels of @tensorflow/tfjs-node-gpu 4.22.0, read off its published package. */
const kernelNames: readonly string[] = `
  Abs Acos Acosh Add AddN All Any ArgMax ArgMin Asin Asinh Atan Atan2 Atanh AvgPool AvgPool3D AvgPool3DGrad
  AvgPoolGrad BatchMatMul BatchToSpaceND Bincount BroadcastArgs Cast Ceil ClipByValue Complex ComplexAbs Concat
  Conv2D Conv2DBackpropFilter Conv2DBackpropInput Conv3D Conv3DBackpropFilterV2 Conv3DBackpropInputV2 Cos Cosh
  CropAndResize Cumprod Cumsum DepthToSpace DepthwiseConv2dNative DepthwiseConv2dNativeBackpropFilter
  DepthwiseConv2dNativeBackpropInput Diag Dilation2D Dilation2DBackpropFilter Dilation2DBackpropInput Einsum Elu
  EluGrad Equal Erf Exp ExpandDims Expm1 FFT Fill FlipLeftRight Floor FloorDiv FusedBatchNorm FusedConv2D
  FusedDepthwiseConv2D GatherNd GatherV2 Greater GreaterEqual IFFT Identity Imag IsFinite IsInf IsNan LRN LRNGrad
  LeakyRelu Less LessEqual LinSpace Log Log1p LogicalAnd LogicalNot LogicalOr Max MaxPool MaxPool3D MaxPool3DGrad
  MaxPoolGrad Maximum Mean Min Minimum MirrorPad Mod Multinomial Multiply Neg NonMaxSuppressionV3
  NonMaxSuppressionV4 NonMaxSuppressionV5 NotEqual OneHot OnesLike Pack PadV2 Pow Prelu Prod Range Real RealDiv
  Reciprocal Relu Relu6 Reshape ResizeBilinear ResizeBilinearGrad ResizeNearestNeighbor ResizeNearestNeighborGrad
  Reverse Round Rsqrt ScatterNd Select Selu Sigmoid Sign Sin Sinh Slice Softmax Softplus SpaceToBatchND
  SparseToDense SplitV Sqrt Square SquaredDifference StaticRegexReplace Step StridedSlice Sub Sum Tan Tanh
  TensorScatterUpdate Tile TopK Transpose Unique Unpack UnsortedSegmentSum ZerosLike _FusedMatMul
`
  .trim()
  .split(/\s+/);
