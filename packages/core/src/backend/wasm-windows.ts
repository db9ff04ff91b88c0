import * as tf from "@tensorflow/tfjs-core";
import { computed, copied, copyPixels, drawn } from "./wasm-pixels";

/*
 * The gradients of what runs a window over each channel: depthwise convolution and pooling. The wasm backend lacks the
 * first; those of pooling that it has take thirty times as long as forward, and the one of the maximum is wrong where a
 * window holds negative values alone. All but the maximum's are windows over the output's gradient themselves.
 */

type Shape4D = [number, number, number, number];

/** Windows over images, and the padding before the first row and the first column. */
export interface Windows {
  readonly inputShape: Shape4D;
  readonly height: number;
  readonly width: number;
  readonly strides: readonly [number, number];
  readonly top: number;
  readonly left: number;
}

/** The gradient of the input of a depthwise convolution: dy, its pixels moved apart, under the filter turned round. */
export function depthwiseInputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, windows: Windows): tf.Tensor4D {
  const [height, width, channels, multiplier] = filter.shape;
  const turned = tf.reshape(tf.reverse(filter, [0, 1]), [height, width, channels * multiplier, 1]) as tf.Tensor4D;
  const gradient = tf.depthwiseConv2d(apart(dy, windows), turned, 1, "valid");
  if (multiplier === 1) return gradient;
  return tf.sum<tf.Tensor4D>(tf.reshape(gradient, [...windows.inputShape, multiplier]), 4);
}

/** The gradient of the input of an average over windows, of which each gives the same share to all its values. */
export function averagePoolGradient(dy: tf.Tensor4D, windows: Windows): tf.Tensor4D {
  return tf.avgPool(apart(dy, windows), [windows.height, windows.width], 1, "valid");
}

/** dy with its pixels as far apart as the windows, so that those of size one window around an input pixel reached it. */
function apart(dy: tf.Tensor4D, { inputShape, height, width, strides, top, left }: Windows): tf.Tensor4D {
  const [batch, inputHeight, inputWidth] = inputShape;
  const [, rows, columns, channels] = dy.shape;
  return copied(
    dy,
    [batch, inputHeight + height - 1, inputWidth + width - 1, channels],
    { count: rows, from: 0, fromStep: 1, to: height - 1 - top, toStep: strides[0] },
    { count: columns, from: 0, fromStep: 1, to: width - 1 - left, toStep: strides[1] },
  );
}

/**
 * The gradient of the input of a maximum over windows, which goes to the first of a window's values, in rows, that equals
 * the maximum `y`. A plain search: faster than any composite of the backend's kernels.
 */
export function maxPoolGradient(dy: tf.Tensor4D, x: tf.Tensor4D, y: tf.Tensor4D, windows: Windows): tf.Tensor4D {
  const [batch, inputHeight, inputWidth, channels] = x.shape;
  const [, rows, columns] = dy.shape;
  const { height, width, strides, top, left } = windows;
  return computed(x.shape, [dy, x, y], (gradient, slopes, values, maxima) => {
    for (let image = 0; image < batch; image++) {
      for (let row = 0; row < rows; row++) {
        const [firstRow, endRow] = clipped(row * strides[0] - top, height, inputHeight);
        for (let column = 0; column < columns; column++) {
          const [firstColumn, endColumn] = clipped(column * strides[1] - left, width, inputWidth);
          const output = ((image * rows + row) * columns + column) * channels;
          for (let channel = 0; channel < channels; channel++) {
            const maximum = maxima[output + channel];
            search: for (let i = firstRow; i < endRow; i++) {
              let at = ((image * inputHeight + i) * inputWidth + firstColumn) * channels + channel;
              for (let j = firstColumn; j < endColumn; j++, at += channels) {
                if (values[at] !== maximum) continue;
                gradient[at] = (gradient[at] as number) + (slopes[output + channel] as number);
                break search;
              }
            }
          }
        }
      }
    }
  });
}

function clipped(start: number, length: number, size: number): [first: number, end: number] {
  return [Math.max(0, start), Math.min(size, start + length)];
}

/** The most rows and columns of a filter for which this backend has a fast depthwise convolution. */
const fastWindow = 5;

/**
 * The gradient of the filter of a depthwise convolution: the input under dy as a filter, as high and wide as dy. In
 * blocks that are small enough to be fast, each of which is a channel of its own, and then summed.
 */
export function depthwiseFilterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, windows: Windows): tf.Tensor4D {
  const { height, width, strides, top, left } = windows;
  const [, inputHeight, inputWidth] = x.shape;
  const [batch, rows, columns, channels] = dy.shape;
  const multiplier = channels / x.shape[3];
  const blocks = { down: Math.ceil(rows / fastWindow), across: Math.ceil(columns / fastWindow) };
  const block = { height: Math.ceil(rows / blocks.down), width: Math.ceil(columns / blocks.across) };
  const count = batch * blocks.down * blocks.across;
  const pitch = count * channels;

  /** Every block of images as channels of one image, `size` each, with the first at `offset`. */
  function blockwise(
    images: tf.Tensor4D,
    size: [number, number],
    steps: [number, number],
    offset: [number, number],
  ): tf.Tensor4D {
    const [, imageHeight, imageWidth] = images.shape;
    return drawn(images, [1, ...size, pitch], (heap, from, to) => {
      for (let index = 0; index < count; index++) {
        const image = Math.floor(index / (blocks.down * blocks.across));
        const down = Math.floor(index / blocks.across) % blocks.down;
        const start = from + image * imageHeight * imageWidth * channels;
        copyPixels(
          heap,
          channels,
          { start, height: imageHeight, width: imageWidth, pitch: channels },
          { start: to + index * channels, height: size[0], width: size[1], pitch },
          { count: size[0], from: down * steps[0] + offset[0], fromStep: 1, to: 0, toStep: 1 },
          { count: size[1], from: (index % blocks.across) * steps[1] + offset[1], fromStep: 1, to: 0, toStep: 1 },
        );
      }
    });
  }

  const wide =
    multiplier === 1
      ? x
      : tf.reshape(tf.tile(tf.expandDims(x, 4), [1, 1, 1, 1, multiplier]), [batch, inputHeight, inputWidth, channels]);
  const patch: [number, number] = [(block.height - 1) * strides[0] + height, (block.width - 1) * strides[1] + width];
  const steps: [number, number] = [block.height * strides[0], block.width * strides[1]];
  const patches = blockwise(wide as tf.Tensor4D, patch, steps, [-top, -left]);
  const size: [number, number] = [block.height, block.width];
  const filters = tf.reshape<tf.Rank.R4>(blockwise(dy, size, size, [0, 0]), [...size, pitch, 1]);
  const perBlock = tf.depthwiseConv2d(patches, filters, 1, "valid", "NHWC", [...strides]);
  const sum = tf.mul(
    tf.avgPool(tf.reshape(perBlock, [height * width, count, 1, channels]) as tf.Tensor4D, [count, 1], 1, "valid"),
    count,
  );
  return tf.reshape(sum, [height, width, x.shape[3], multiplier]);
}
