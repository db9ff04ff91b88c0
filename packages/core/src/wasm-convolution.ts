import * as tf from "@tensorflow/tfjs-core";

/*
 * The wasm backend has a fast convolution, no gradient for its filter, and one for its input that is ten times slower
 * than it need be. Both gradients are convolutions themselves.
 */

type ConvInfo = tf.backend_util.Conv2DInfo;

/** Gives the wasm backend both gradients of convolution, once; to be called after that backend is imported. */
export function registerWasmConvolutionGradients(): void {
  if (tf.getKernel("Conv2DBackpropFilter", "wasm") !== undefined) return;
  tf.unregisterKernel("Conv2DBackpropInput", "wasm");
  tf.registerKernel({
    kernelName: "Conv2DBackpropInput",
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs }) => {
      const { dy, filter } = inputs as unknown as { dy: tf.Tensor4D; filter: tf.Tensor4D };
      const attributes = attrs as unknown as ConvolutionAttributes & { inputShape: Shape4D };
      return tf.tidy(() => inputGradient(dy, filter, describe(attributes.inputShape, filter.shape, attributes)));
    },
  });
  tf.registerKernel({
    kernelName: "Conv2DBackpropFilter",
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs }) => {
      const { x, dy } = inputs as unknown as { x: tf.Tensor4D; dy: tf.Tensor4D };
      const attributes = attrs as unknown as ConvolutionAttributes & { filterShape: Shape4D };
      return tf.tidy(() => filterGradient(x, dy, describe(x.shape, attributes.filterShape, attributes)));
    },
  });
}

type Shape4D = [number, number, number, number];

interface ConvolutionAttributes {
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat: "NHWC" | "NCHW";
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

function describe(inputShape: Shape4D, filterShape: Shape4D, attributes: ConvolutionAttributes): ConvInfo {
  const { strides, pad, dataFormat, dimRoundingMode } = attributes;
  if (dataFormat !== "NHWC") throw new Error(`wasm convolution gradients know NHWC only, not ${dataFormat}`);
  return tf.backend_util.computeConv2DInfo(inputShape, filterShape, strides, 1, pad, dimRoundingMode, false);
}

/** The convolution of the output's gradient, its strides undone by zeros, with the filter flipped and transposed. */
function inputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, info: ConvInfo): tf.Tensor4D {
  const { filterHeight, filterWidth, inChannels, outChannels } = info;
  const taps = filterHeight * filterWidth;
  const flipped = tf.reverse(tf.reshape(filter, [taps, inChannels, outChannels]), 0);
  const transposed = tf.reshape(tf.transpose(flipped, [0, 2, 1]), [filterHeight, filterWidth, outChannels, inChannels]);
  const dilated = dilate(dy, info.strideHeight, info.strideWidth);
  const { top, left } = info.padInfo;
  return tf.conv2d(
    padOrCrop(dilated, [
      around(info.inHeight, dilated.shape[1], filterHeight, top),
      around(info.inWidth, dilated.shape[2], filterWidth, left),
    ]),
    transposed as tf.Tensor4D,
    1,
    "valid",
  );
}

/** What to add before and after, so that a valid convolution has the input's size; negative where there is too much. */
function around(inputSize: number, dilatedSize: number, filterSize: number, padBefore: number): [number, number] {
  const before = filterSize - 1 - padBefore;
  return [before, inputSize + filterSize - 1 - dilatedSize - before];
}

/** The convolution of the input with the output's gradient, examples in the place of channels. */
function filterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, info: ConvInfo): tf.Tensor4D {
  const { filterHeight, filterWidth, inChannels, outChannels, strideHeight, strideWidth } = info;
  const { top, bottom, left, right } = info.padInfo;
  const byChannel = tf.transpose(
    padOrCrop(x, [
      [top, bottom],
      [left, right],
    ]),
    [3, 1, 2, 0],
  );
  const kernel = tf.transpose(dy, [1, 2, 0, 3]);
  const gradient = tf.conv2d(byChannel, kernel, 1, "valid", "NHWC", [strideHeight, strideWidth]);
  // With strides the last rows and columns of the input may have been out of reach.
  const reached = tf.slice(gradient, [0, 0, 0, 0], [inChannels, filterHeight, filterWidth, outChannels]);
  return tf.transpose(reached, [1, 2, 0, 3]);
}

/** `stride − 1` zeros after each row and column but the last. */
function dilate(x: tf.Tensor4D, strideHeight: number, strideWidth: number): tf.Tensor4D {
  if (strideHeight === 1 && strideWidth === 1) return x;
  const [batch, height, width, channels] = x.shape;
  const columns = tf.pad(tf.reshape(x, [-1, channels]), [
    [0, 0],
    [0, (strideWidth - 1) * channels],
  ]);
  const row = width * strideWidth * channels;
  const rows = tf.pad(tf.reshape(columns, [-1, row]), [
    [0, 0],
    [0, (strideHeight - 1) * row],
  ]);
  const all: tf.Tensor4D = tf.reshape(rows, [batch, height * strideHeight, width * strideWidth, channels]);
  return tf.slice(all, [0, 0, 0, 0], [batch, (height - 1) * strideHeight + 1, (width - 1) * strideWidth + 1, channels]);
}

function padOrCrop(x: tf.Tensor4D, [vertical, horizontal]: [[number, number], [number, number]]): tf.Tensor4D {
  const amounts = [...vertical, ...horizontal];
  if (amounts.every((amount) => amount === 0)) return x;
  const grow = (amount: number): number => Math.max(amount, 0);
  const padded = tf.pad(x, [
    [0, 0],
    [grow(vertical[0]), grow(vertical[1])],
    [grow(horizontal[0]), grow(horizontal[1])],
    [0, 0],
  ]);
  if (amounts.every((amount) => amount >= 0)) return padded;
  const size = (axis: 1 | 2, [before, after]: [number, number]): number => x.shape[axis] + before + after;
  return tf.slice(
    padded,
    [0, grow(-vertical[0]), grow(-horizontal[0]), 0],
    [x.shape[0], size(1, vertical), size(2, horizontal), x.shape[3]],
  );
}
