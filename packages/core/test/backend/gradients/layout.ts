import * as tf from "@tensorflow/tfjs-core";
import type { GradientCases } from "./gradient-case";

const indices = (values: number[]): tf.Tensor1D => tf.tensor1d(values, "int32");
const condition = (shape: number[]): tf.Tensor =>
  tf.tensor(
    Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => i % 3 === 0),
    shape,
    "bool",
  );

export const layout: GradientCases = {
  BatchToSpaceND: [
    {
      shapes: [[4, 2, 2, 1]],
      f: (x: tf.Tensor4D) =>
        tf.batchToSpaceND(
          x,
          [2, 2],
          [
            [0, 1],
            [1, 0],
          ],
        ),
    },
  ],
  BroadcastTo: [{ shapes: [[3, 1]], f: (x: tf.Tensor) => tf.broadcastTo(x, [2, 3, 4]) }],
  Concat: [
    {
      shapes: [
        [2, 3],
        [2, 1],
      ],
      f: (a: tf.Tensor, b: tf.Tensor) => tf.concat([a, b], 1),
    },
    {
      title: "of images by channel",
      shapes: [
        [1, 2, 2, 3],
        [1, 2, 2, 2],
      ],
      f: (a: tf.Tensor, b: tf.Tensor) => tf.concat([a, b], -1),
    },
  ],
  ExpandDims: [{ shapes: [[2, 3]], f: (x: tf.Tensor) => tf.expandDims(x, 1) }],
  GatherV2: [
    { shapes: [[3, 4]], f: (x: tf.Tensor) => tf.gather(x, indices([2, 0, 2]), 1) },
    {
      title: "of a batch",
      shapes: [[2, 3, 2]],
      f: (x: tf.Tensor) =>
        tf.gather(
          x,
          tf.tensor2d(
            [
              [0, 2],
              [1, 1],
            ],
            [2, 2],
            "int32",
          ),
          1,
          1,
        ),
    },
  ],
  MirrorPad: [
    {
      title: "reflect",
      shapes: [[2, 3, 3]],
      f: (x: tf.Tensor) =>
        tf.mirrorPad(
          x,
          [
            [0, 0],
            [1, 2],
            [2, 0],
          ],
          "reflect",
        ),
    },
    {
      title: "symmetric",
      shapes: [[2, 3]],
      f: (x: tf.Tensor) =>
        tf.mirrorPad(
          x,
          [
            [1, 1],
            [2, 0],
          ],
          "symmetric",
        ),
    },
  ],
  OneHot: [{ shapes: [[4]], range: [0, 3], f: (x: tf.Tensor) => tf.mul(tf.oneHot(tf.cast(x, "int32"), 3), 1.5) }],
  Pack: [
    {
      shapes: [
        [2, 3],
        [2, 3],
      ],
      f: (a: tf.Tensor, b: tf.Tensor) => tf.stack([a, b], 1),
    },
  ],
  PadV2: [
    {
      shapes: [[2, 3]],
      f: (x: tf.Tensor) =>
        tf.pad(
          x,
          [
            [1, 0],
            [2, 1],
          ],
          0.5,
        ),
    },
  ],
  Reshape: [{ shapes: [[2, 6]], f: (x: tf.Tensor) => tf.reshape(x, [3, 4]) }],
  Reverse: [{ shapes: [[2, 3, 2]], f: (x: tf.Tensor) => tf.reverse(x, [0, 2]) }],
  Select: [
    {
      shapes: [
        [3, 4],
        [3, 4],
      ],
      f: (a: tf.Tensor, b: tf.Tensor) => tf.where(condition([3, 4]), a, b),
    },
  ],
  Slice: [{ shapes: [[3, 4, 2]], f: (x: tf.Tensor) => tf.slice(x, [1, 0, 1], [2, 3, 1]) }],
  SpaceToBatchND: [
    {
      shapes: [[1, 3, 3, 2]],
      f: (x: tf.Tensor4D) =>
        tf.spaceToBatchND(
          x,
          [2, 2],
          [
            [0, 1],
            [1, 0],
          ],
        ),
    },
  ],
  SplitV: [
    {
      shapes: [[3, 4]],
      f: (x: tf.Tensor) => {
        const [a, b] = tf.split(x, [1, 3], 1) as [tf.Tensor, tf.Tensor];
        return tf.mul(a, b);
      },
    },
  ],
  Tile: [{ shapes: [[2, 3]], f: (x: tf.Tensor) => tf.tile(x, [2, 3]) }],
  Transpose: [
    { shapes: [[2, 3, 4]], f: (x: tf.Tensor) => tf.transpose(x, [2, 0, 1]) },
    { title: "of five axes", shapes: [[2, 1, 3, 2, 2]], f: (x: tf.Tensor) => tf.transpose(x, [4, 2, 1, 0, 3]) },
  ],
  Unpack: [
    {
      shapes: [[2, 3]],
      f: (x: tf.Tensor) => {
        const [a, b] = tf.unstack(x) as [tf.Tensor, tf.Tensor];
        return tf.mul(a, b);
      },
    },
  ],
};
