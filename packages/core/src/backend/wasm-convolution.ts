import * as tf from "@tensorflow/tfjs-core";

/*
 * The wasm backend has a fast convolution, no gradient for its filter, and one for its input that is ten times slower
 * than it need be. Both gradients are convolutions themselves.
 */

type ConvInfo = tf.backend_util.Conv2DInfo;

/** Gives the wasm backend both gradients of convolution, once; call it after that backend is imported. */
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
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

function describe(inputShape: Shape4D, filterShape: Shape4D, attributes: ConvolutionAttributes): ConvInfo {
  const { strides, pad, dimRoundingMode } = attributes;
  return tf.backend_util.computeConv2DInfo(inputShape, filterShape, strides, 1, pad, dimRoundingMode, false);
}

/**
 * The gradient of the input, for all phases of the strides at once.
 *
 * Along one axis y = s·q + r − pad meets the taps s·j + r of the filter: `dx[y] = Σ_j dy[q − j] · filter[s·j + r]`. So
 * one convolution of dy, with the taps of each phase r as output channels of their own, gives every phase.
 */
function inputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, info: ConvInfo): tf.Tensor4D {
  const { batchSize, inChannels, outChannels } = info;
  const vertical = phases(info.inHeight, info.outHeight, info.filterHeight, info.strideHeight, info.padInfo.top);
  const horizontal = phases(info.inWidth, info.outWidth, info.filterWidth, info.strideWidth, info.padInfo.left);

  const taps = info.filterHeight * info.filterWidth;
  const byTap = tf.transpose(tf.reshape(filter, [taps, inChannels, outChannels]), [0, 2, 1]);
  // Taps are picked by a product with ones and zeros: exact, and on wasm ten times as fast as to gather or reverse them.
  const picked = tf.matMul(phaseTaps(vertical, horizontal), tf.reshape(byTap, [taps, outChannels * inChannels]));
  const byPhase = tf.reshape(picked, [
    vertical.taps * horizontal.taps,
    vertical.stride * horizontal.stride,
    outChannels,
    inChannels,
  ]);
  const strided = vertical.stride * horizontal.stride > 1;
  const kernel: tf.Tensor4D = tf.reshape(strided ? tf.transpose(byPhase, [0, 2, 1, 3]) : byPhase, [
    vertical.taps,
    horizontal.taps,
    outChannels,
    vertical.stride * horizontal.stride * inChannels,
  ]);
  const result = tf.conv2d(resized(dy, vertical.around, horizontal.around), kernel, 1, "valid");
  return resized(interleaved(result), vertical.crop, horizontal.crop);

  function interleaved(phased: tf.Tensor4D): tf.Tensor4D {
    if (!strided) return phased;
    const byRow = tf.reshape(phased, [
      batchSize * vertical.count,
      horizontal.count,
      vertical.stride,
      horizontal.stride * inChannels,
    ]);
    return tf.reshape(tf.transpose(byRow, [0, 2, 1, 3]), [
      batchSize,
      vertical.count * vertical.stride,
      horizontal.count * horizontal.stride,
      inChannels,
    ]);
  }
}

/** Zeros to add before and after along an axis; negative: entries to crop. */
type Margins = readonly [before: number, after: number];

/** The phases of a strided convolution along one axis. */
interface Phases {
  readonly stride: number;
  readonly filterSize: number;
  /** The most taps that a phase has. */
  readonly taps: number;
  /** How many values each phase has. */
  readonly count: number;
  /** Zeros around dy that a valid convolution needs. */
  readonly around: Margins;
  /** Margins that give the interleaved phases the input's size. */
  readonly crop: Margins;
}

function phases(inputSize: number, outputSize: number, filterSize: number, stride: number, padding: number): Phases {
  const taps = Math.ceil(filterSize / stride);
  const first = Math.floor(padding / stride);
  const count = Math.ceil((inputSize + padding) / stride) - first;
  const before = taps - 1 - first;
  const start = padding % stride;
  return {
    stride,
    filterSize,
    taps,
    count,
    around: [before, count - outputSize - before + taps - 1],
    crop: [-start, inputSize + start - count * stride],
  };
}

/** One row per place in the phased filter, `[taps, taps, stride, stride]`: a one at its tap in the filter, if any. */
function phaseTaps(vertical: Phases, horizontal: Phases): tf.Tensor2D {
  const along = ({ taps, stride }: Phases): number[][] =>
    Array.from({ length: taps }, (_, place) =>
      Array.from({ length: stride }, (_, r) => stride * (taps - 1 - place) + r),
    );
  const places = along(vertical).flatMap((rows) =>
    along(horizontal).flatMap((columns) => rows.flatMap((row) => columns.map((column) => ({ row, column })))),
  );
  const taps = vertical.filterSize * horizontal.filterSize;
  const ones = new Float32Array(places.length * taps);
  places.forEach(({ row, column }, place) => {
    const exists = row < vertical.filterSize && column < horizontal.filterSize;
    if (exists) ones[place * taps + row * horizontal.filterSize + column] = 1;
  });
  return tf.tensor2d(ones, [places.length, taps]);
}

/** The gradient of the filter: the input convolved with the output's gradient, examples in the place of channels. */
function filterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, info: ConvInfo): tf.Tensor4D {
  const { filterHeight, filterWidth, inChannels, outChannels, strideHeight, strideWidth } = info;
  const { top, bottom, left, right } = info.padInfo;
  const byChannel = tf.transpose(resized(x, [top, bottom], [left, right]), [3, 1, 2, 0]);
  const kernel = tf.transpose(dy, [1, 2, 0, 3]);
  const gradient = tf.conv2d(byChannel, kernel, 1, "valid", "NHWC", [strideHeight, strideWidth]);
  // With strides the last rows and columns of the input may have been out of reach.
  const [, height, width] = gradient.shape;
  const reached =
    height === filterHeight && width === filterWidth
      ? gradient
      : tf.slice(gradient, [0, 0, 0, 0], [inChannels, filterHeight, filterWidth, outChannels]);
  return tf.transpose(reached, [1, 2, 0, 3]);
}

/** Maps with zeros added around, or cropped. Rows are handled whole: this backend copies a run of memory at a time. */
function resized(x: tf.Tensor4D, vertical: Margins, horizontal: Margins): tf.Tensor4D {
  const margins = [...vertical, ...horizontal];
  if (margins.every((margin) => margin === 0)) return x;
  const [batch, height, width, channels] = x.shape;
  const grow = ([before, after]: Margins, unit = 1): [number, number] => [
    Math.max(before, 0) * unit,
    Math.max(after, 0) * unit,
  ];
  const rows: tf.Tensor3D = tf.reshape(x, [batch, height, width * channels]);
  const padded = margins.some((margin) => margin > 0)
    ? tf.pad(rows, [[0, 0], grow(vertical), grow(horizontal, channels)])
    : rows;
  const newHeight = height + vertical[0] + vertical[1];
  const newWidth = width + horizontal[0] + horizontal[1];
  const start: [number, number, number] = [0, Math.max(-vertical[0], 0), Math.max(-horizontal[0], 0) * channels];
  const cropped = margins.some((margin) => margin < 0)
    ? tf.slice(padded, start, [batch, newHeight, newWidth * channels])
    : padded;
  return tf.reshape(cropped, [batch, newHeight, newWidth, channels]);
}
