import * as tf from "@tensorflow/tfjs-core";
import type { NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import { activationArguments } from "./activation";
import { allFloat, type Inputs, list, type TorchKernel } from "./torch-kernel";

type Shape4D = [number, number, number, number];

/** The shapes of the image and the filter of a call, whichever of its inputs or attributes they stand in. */
type Shapes = (inputs: Inputs, attributes: NamedAttrMap) => { x: number[]; filter: number[] };

const forward: Shapes = ({ x, filter }) => ({ x: shapeOf(x), filter: shapeOf(filter) });
const backwardInput: Shapes = ({ filter }, { inputShape }) => ({ x: inputShape as number[], filter: shapeOf(filter) });
const backwardFilter: Shapes = ({ x }, { filterShape }) => ({ x: shapeOf(x), filter: filterShape as number[] });

/** Convolutions and their gradients, on [batch, height, width, channels] with square windows of any padding. */
export const convolution: readonly TorchKernel[] = [
  {
    name: "Conv2D",
    when: native(forward),
    run: (backend, inputs, attributes) =>
      backend.runOne("Conv2D", [inputs["x"], inputs["filter"]], window(forward(inputs, attributes), attributes)),
  },
  {
    name: "FusedConv2D",
    // A prelu's slopes, one per channel or per pixel, broadcast in more ways than torch's.
    when: (inputs, attributes) => native(forward)(inputs, attributes) && biasFits(inputs),
    run: (backend, inputs, attributes) => {
      const { code, slopes } = activationArguments(attributes);
      const { x, filter, bias, preluActivationWeights } = inputs;
      const words = [...window(forward(inputs, attributes), attributes), code];
      return backend.runOne("FusedConv2D", [x, filter, bias, preluActivationWeights], words, slopes);
    },
  },
  {
    name: "Conv2DBackpropInput",
    when: native(backwardInput),
    run: (backend, inputs, attributes) => {
      const shapes = backwardInput(inputs, attributes);
      const words = [...window(shapes, attributes), ...list(shapes.x)];
      return backend.runOne("Conv2DBackpropInput", [inputs["dy"], inputs["filter"]], words);
    },
  },
  {
    name: "Conv2DBackpropFilter",
    when: native(backwardFilter),
    run: (backend, inputs, attributes) => {
      const shapes = backwardFilter(inputs, attributes);
      const words = [...window(shapes, attributes), ...list(shapes.filter)];
      return backend.runOne("Conv2DBackpropFilter", [inputs["x"], inputs["dy"]], words);
    },
  },
  {
    name: "DepthwiseConv2dNative",
    when: native(forward, true),
    run: (backend, inputs, attributes) => {
      const words = window(forward(inputs, attributes), attributes, true);
      return backend.runOne("DepthwiseConv2dNative", [inputs["x"], inputs["filter"]], words);
    },
  },
  {
    name: "DepthwiseConv2dNativeBackpropInput",
    when: native(backwardInput, true),
    run: (backend, inputs, attributes) => {
      const shapes = backwardInput(inputs, attributes);
      const words = [...window(shapes, attributes, true), ...list(shapes.x)];
      return backend.runOne("DepthwiseConv2dNativeBackpropInput", [inputs["dy"], inputs["filter"]], words);
    },
  },
  {
    name: "DepthwiseConv2dNativeBackpropFilter",
    when: native(backwardFilter, true),
    run: (backend, inputs, attributes) => {
      const shapes = backwardFilter(inputs, attributes);
      const words = [...window(shapes, attributes, true), ...list(shapes.filter)];
      return backend.runOne("DepthwiseConv2dNativeBackpropFilter", [inputs["x"], inputs["dy"]], words);
    },
  },
];

function shapeOf(tensor: TensorInfo | undefined): number[] {
  return tensor?.shape ?? [];
}

function geometry({ x, filter }: ReturnType<Shapes>, attributes: NamedAttrMap, depthwise: boolean) {
  return tf.backend_util.computeConv2DInfo(
    x as Shape4D,
    filter as Shape4D,
    attributes["strides"] as number,
    (attributes["dilations"] ?? 1) as number,
    attributes["pad"] as "same",
    attributes["dimRoundingMode"] as "floor",
    depthwise,
    tf.backend_util.convertConv2DDataFormat((attributes["dataFormat"] ?? "NHWC") as "NHWC"),
  );
}

/** Strides, dilations and padding, as the native side reads a window. */
function window(shapes: ReturnType<Shapes>, attributes: NamedAttrMap, depthwise = false): number[] {
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo } = geometry(shapes, attributes, depthwise);
  const { top, bottom, left, right } = padInfo;
  return list([strideHeight, strideWidth, dilationHeight, dilationWidth, top, bottom, left, right]);
}

/** Float32, channels last, nothing empty, and the output size that torch would compute too. */
function native(shapesOf: Shapes, depthwise = false): NonNullable<TorchKernel["when"]> {
  return (inputs, attributes) => {
    const shapes = shapesOf(inputs, attributes);
    if (!allFloat(inputs) || shapes.x.length !== 4 || [...shapes.x, ...shapes.filter].includes(0)) return false;
    const info = geometry(shapes, attributes, depthwise);
    const { top, bottom, left, right } = info.padInfo;
    const height = outputSize(info.inHeight + top + bottom, info.effectiveFilterHeight, info.strideHeight);
    const width = outputSize(info.inWidth + left + right, info.effectiveFilterWidth, info.strideWidth);
    const channelsLast = info.dataFormat === "channelsLast";
    // A transposed convolution may be asked of an image that no convolution has.
    const dy = inputs["dy"]?.shape;
    if (dy !== undefined && (dy[1] !== info.outHeight || dy[2] !== info.outWidth)) return false;
    return channelsLast && height === info.outHeight && width === info.outWidth && height > 0 && width > 0;
  };
}

function outputSize(padded: number, window: number, stride: number): number {
  return Math.floor((padded - window) / stride) + 1;
}

function biasFits({ bias }: Inputs): boolean {
  return !bias || bias.shape.length <= 1;
}
