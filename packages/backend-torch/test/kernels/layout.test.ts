import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { test } from "vitest";
import { onTorch } from "../torch";
import { agree, make, plan } from "./random-tensors";

onTorch();

const layout: Record<string, (x: tf.Tensor) => tf.Tensor | tf.Tensor[]> = {
  transpose: (x) => tf.transpose(x),
  reverse: (x) => tf.reverse(x),
  tile: (x) =>
    tf.tile(
      x,
      x.shape.map((_, axis) => (axis % 2) + 1),
    ),
  pad: (x) =>
    tf.pad(
      x,
      x.shape.map((_, axis) => [axis % 2, 1] as [number, number]),
      1,
    ),
  concat: (x) => tf.concat([x, x], x.rank - 1),
  stack: (x) => tf.stack([x, x], x.rank),
  unstack: (x) => tf.unstack(x, -1),
  split: (x) => tf.split(x, [1, (x.shape.at(-1) as number) - 1], -1),
  gather: (x) => tf.gather(x, tf.tensor1d([0, 1, 0], "int32"), x.rank - 1),
  oneHot: (x) => tf.oneHot(tf.cast(x, "int32"), 3),
  topk: (x) => Object.values(tf.topk(x, 2)),
  softmax: (x) => tf.softmax(tf.cast(x, "float32")),
  logSoftmax: (x) => tf.logSoftmax(tf.cast(x, "float32")),
  cumsum: (x) => tf.cumsum(x, 0, true, true),
  where: (x) => tf.where(tf.cast(x, "bool"), x, tf.zerosLike(x)),
  stridedSlice: (x) =>
    tf.stridedSlice(
      x,
      x.shape.map(() => 0),
      [...x.shape],
      x.shape.map(() => 2),
    ),
  mirrorPad: (x) =>
    tf.mirrorPad(
      x,
      x.shape.map(() => [1, 0] as [number, number]),
      "symmetric",
    ),
};
test.each(Object.entries(layout))("%s moves elements as JavaScript does", async (_, op) => {
  const finite = fc
    .array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 })
    .chain((shape) =>
      plan(shape).map((x) => ({ ...x, values: x.values.map((value) => (Number.isFinite(value) ? value : 2)) })),
    );
  await fc.assert(
    fc.asyncProperty(finite, (x) => agree(() => op(make(x)), 1e-4)),
    { numRuns: 60 },
  );
});
