import * as tf from "@tensorflow/tfjs-core";
import type { GradientCases } from "./gradient-case";

type Reduction = (x: tf.Tensor, axis?: number | number[]) => tf.Tensor;

/** Along an axis in the middle, along two, and over everything. */
const along = (reduce: Reduction, range: readonly [number, number] = [-1, 1]) => [
  { title: "along one axis", shapes: [[2, 3, 4]], range, f: (x: tf.Tensor) => reduce(x, 1) },
  { title: "along two axes", shapes: [[2, 3, 4]], range, f: (x: tf.Tensor) => reduce(x, [0, 2]) },
  { title: "over everything", shapes: [[2, 3]], range, f: (x: tf.Tensor) => reduce(x) },
];

const batchNorm = (...[x, mean, variance, offset, scale]: tf.Tensor[]): tf.Tensor =>
  tf.batchNorm(
    x as tf.Tensor,
    mean as tf.Tensor1D,
    variance as tf.Tensor1D,
    offset as tf.Tensor1D,
    scale as tf.Tensor1D,
  );

export const reductions: GradientCases = {
  ArgMax: [{ shapes: [[3, 4]], f: (x: tf.Tensor) => tf.cast(tf.argMax(x, 1), "float32") }],
  ArgMin: [{ shapes: [[3, 4]], f: (x: tf.Tensor) => tf.cast(tf.argMin(x, 1), "float32") }],
  Cumsum: [
    { shapes: [[3, 4]], f: (x: tf.Tensor) => tf.cumsum(x, 1) },
    { title: "exclusive and reversed", shapes: [[3, 4]], f: (x: tf.Tensor) => tf.cumsum(x, 0, true, true) },
  ],
  FusedBatchNorm: [
    { shapes: [[2, 3, 2, 3], [3], [3], [3], [3]], range: [0.2, 1.5], f: batchNorm },
    {
      title: "without scale and offset",
      shapes: [[2, 3, 2, 3], [3], [3]],
      range: [0.2, 1.5],
      f: (x: tf.Tensor, mean: tf.Tensor1D, variance: tf.Tensor1D) => tf.batchNorm(x, mean, variance),
    },
    { title: "with a value each", shapes: Array<number[]>(5).fill([2, 2, 1, 3]), range: [0.2, 1.5], f: batchNorm },
  ],
  LogSoftmax: [{ shapes: [[3, 4]], f: (x: tf.Tensor) => tf.logSoftmax(x) }],
  LRN: [
    { shapes: [[1, 2, 2, 6]], f: (x: tf.Tensor4D) => tf.localResponseNormalization(x, 2, 1, 0.5, 0.75) },
    {
      title: "beta 1",
      shapes: [[1, 2, 2, 6]],
      f: (x: tf.Tensor4D) => tf.localResponseNormalization(x, 1, 0.8, 0.4, 1),
    },
  ],
  Max: along((x, axis) => tf.max(x, axis)),
  Mean: along((x, axis) => tf.mean(x, axis)),
  Min: along((x, axis) => tf.min(x, axis)),
  Prod: along((x, axis) => tf.prod(x, axis as number), [0.5, 1.5]),
  Softmax: [{ shapes: [[3, 4]], f: (x: tf.Tensor) => tf.softmax(x) }],
  Sum: along((x, axis) => tf.sum(x, axis)),
  UnsortedSegmentSum: [
    { shapes: [[5, 2]], f: (x: tf.Tensor2D) => tf.unsortedSegmentSum(x, tf.tensor1d([0, 2, 1, 2, 0], "int32"), 3) },
  ],
};
