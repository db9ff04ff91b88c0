import * as tf from "@tensorflow/tfjs-core";
import type { GradientCase, GradientCases } from "./gradient-case";

const product = (a: readonly number[], b: readonly number[], ta = false, tb = false): GradientCase => ({
  title: `${ta ? "transposed " : ""}[${a.join(", ")}] and ${tb ? "transposed " : ""}[${b.join(", ")}]`,
  shapes: [a, b],
  f: (x: tf.Tensor, y: tf.Tensor) => tf.matMul(x, y, ta, tb),
});

type Resize = typeof tf.image.resizeBilinear;

const resizing = (resize: Resize): GradientCase[] =>
  (
    [
      [7, 9],
      [2, 3],
      [6, 8],
      [4, 1],
    ] as [number, number][]
  ).flatMap((size) =>
    (
      [
        [false, false],
        [true, false],
        [false, true],
      ] as const
    ).map(([align, half]) => ({
      title: `to ${size.join("×")}${align ? ", corners aligned" : ""}${half ? ", half pixel centres" : ""}`,
      shapes: [[2, 3, 4, 2]],
      f: (x: tf.Tensor4D) => resize(x, size, align, half),
    })),
  );

export const products: GradientCases = {
  BatchMatMul: [
    product([3, 4], [4, 2]),
    product([4, 3], [2, 4], true, true),
    product([2, 3, 4], [2, 4, 2]),
    product([2, 4, 3], [1, 4, 2], true),
    {
      title: "of one tensor in two shapes",
      shapes: [[2, 3]],
      f: (x: tf.Tensor) => tf.matMul(tf.matMul(tf.reshape(x, [3, 2]), x), tf.reshape(x, [3, 2])),
    },
    { title: "of one tensor with itself", shapes: [[3, 3]], f: (x: tf.Tensor) => tf.matMul(x, x, true) },
  ],
  ResizeBilinear: resizing((x, ...options) => tf.image.resizeBilinear(x, ...options)),
  ResizeNearestNeighbor: resizing((x, ...options) => tf.image.resizeNearestNeighbor(x, ...options)),
};
