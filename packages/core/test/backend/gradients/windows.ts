import * as tf from "@tensorflow/tfjs-core";
import type { GradientCase, GradientCases } from "./gradient-case";

type Pad = "same" | "valid" | number;
type Rounding = "floor" | "round" | "ceil";

/** Strides, paddings and roundings of windows over images of 5 by 6 values. */
const windows: readonly { size: [number, number]; strides: [number, number]; pad: Pad; rounding?: Rounding }[] = [
  { size: [3, 3], strides: [1, 1], pad: "same" },
  { size: [3, 2], strides: [1, 1], pad: "valid" },
  { size: [2, 2], strides: [2, 2], pad: "valid" },
  { size: [3, 3], strides: [2, 2], pad: "same" },
  { size: [1, 1], strides: [1, 1], pad: "valid" },
  { size: [1, 1], strides: [2, 2], pad: "same" },
  { size: [2, 3], strides: [3, 1], pad: "same" },
  { size: [3, 3], strides: [2, 2], pad: 1, rounding: "floor" },
];
const roundedUp = [{ size: [3, 3], strides: [2, 2], pad: 1, rounding: "ceil" }] as typeof windows;

type Window = (typeof windows)[number];
const cases = (
  all: readonly Window[],
  shapes: (window: Window) => readonly (readonly number[])[],
  run: (window: Window, ...inputs: never[]) => tf.Tensor,
): GradientCase[] =>
  all.map((window) => ({
    title: `${window.size.join("×")}, strides ${window.strides.join(", ")}, ${[window.pad, window.rounding].join(" ")}`,
    shapes: shapes(window),
    f: (...inputs: never[]) => run(window, ...inputs),
  }));

const images = [2, 5, 6, 2];
const cubes = [1, 4, 5, 3, 2];

type Dilated = (x: tf.Tensor4D, filter: tf.Tensor4D, pad: "same" | "valid", dilations: [number, number]) => tf.Tensor;

const dilated = (outputs: number, run: Dilated): GradientCase[] =>
  (["same", "valid"] as const).map((pad) => ({
    title: `dilated, ${pad}`,
    shapes: [images, [2, 3, 2, outputs]],
    f: (x: tf.Tensor4D, filter: tf.Tensor4D) => run(x, filter, pad, [3, 2]),
  }));

export const windowed: GradientCases = {
  AvgPool: cases(
    [...windows, ...roundedUp],
    () => [images],
    ({ size, strides, pad, rounding }, x: tf.Tensor4D) => tf.avgPool(x, size, strides, pad, rounding),
  ),
  MaxPool: cases(
    [...windows, ...roundedUp],
    () => [images],
    ({ size, strides, pad, rounding }, x: tf.Tensor4D) => tf.maxPool(x, size, strides, pad, rounding),
  ),
  Conv2D: cases(
    windows,
    ({ size }) => [images, [...size, 2, 3]],
    ({ strides, pad, rounding }, x: tf.Tensor4D, filter: tf.Tensor4D) =>
      tf.conv2d(x, filter, strides, pad, "NHWC", 1, rounding),
  )
    .concat({
      title: "channels first",
      shapes: [
        [2, 2, 5, 6],
        [3, 3, 2, 3],
      ],
      f: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.conv2d(x, filter, 1, "same", "NCHW"),
    })
    .concat(dilated(3, (x, filter, pad, dilations) => tf.conv2d(x, filter, 1, pad, "NHWC", dilations))),
  Conv2DBackpropInput: cases(
    windows.slice(0, 4),
    ({ size }) => [
      [2, 3, 2, 3],
      [...size, 2, 3],
    ],
    ({ size, strides, pad }, dy: tf.Tensor4D, filter: tf.Tensor4D) => {
      const extent = (count: number, axis: 0 | 1): number =>
        pad === "same" ? count * strides[axis] : (count - 1) * strides[axis] + size[axis];
      return tf.conv2dTranspose(dy, filter, [2, extent(3, 0), extent(2, 1), 2], strides, pad);
    },
  ),
  DepthwiseConv2dNative: cases(
    windows,
    ({ size }) => [images, [...size, 2, 1]],
    ({ strides, pad, rounding }, x: tf.Tensor4D, filter: tf.Tensor4D) =>
      tf.depthwiseConv2d(x, filter, strides, pad, "NHWC", 1, rounding),
  ).concat(
    cases(
      windows.slice(0, 4),
      ({ size }) => [images, [...size, 2, 3]],
      ({ strides, pad }, x: tf.Tensor4D, filter: tf.Tensor4D) => tf.depthwiseConv2d(x, filter, strides, pad),
    ).map((one) => ({ ...one, title: `three outputs a channel, ${one.title}` })),
    dilated(1, (x, filter, pad, dilations) => tf.depthwiseConv2d(x, filter, 1, pad, "NHWC", dilations)),
  ),
  Dilation2D: [
    {
      shapes: [
        [1, 4, 5, 2],
        [2, 3, 2],
      ],
      f: (x: tf.Tensor4D, filter: tf.Tensor3D) => tf.dilation2d(x, tf.mul<tf.Tensor3D>(filter, 0.1), 1, "same"),
    },
  ],
  AvgPool3D: [
    { shapes: [cubes], f: (x: tf.Tensor5D) => tf.avgPool3d(x, 2, 1, "valid") },
    { title: "padded", shapes: [cubes], f: (x: tf.Tensor5D) => tf.avgPool3d(x, 2, 2, "same") },
  ],
  MaxPool3D: [
    { shapes: [cubes], f: (x: tf.Tensor5D) => tf.maxPool3d(x, 2, 1, "valid") },
    { title: "padded", shapes: [cubes], f: (x: tf.Tensor5D) => tf.maxPool3d(x, 2, 2, "same") },
  ],
  Conv3D: [
    {
      shapes: [
        [1, 3, 4, 3, 2],
        [2, 2, 2, 2, 2],
      ],
      f: (x: tf.Tensor5D, filter: tf.Tensor5D) => tf.conv3d(x, filter, 1, "valid"),
    },
    {
      title: "strided and padded",
      shapes: [
        [1, 3, 4, 3, 2],
        [2, 2, 2, 2, 2],
      ],
      f: (x: tf.Tensor5D, filter: tf.Tensor5D) => tf.conv3d(x, filter, 2, "same"),
    },
  ],
};
