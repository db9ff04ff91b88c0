import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { test } from "vitest";
import { onTorch } from "../torch";
import { agree, make, plan } from "./random-tensors";

onTorch();

type Reduction = (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor;
const reductions: Record<string, Reduction> = {
  ...{ sum: tf.sum, mean: tf.mean, max: tf.max, min: tf.min, prod: tf.prod, all: tf.all, any: tf.any },
  argMax: (x, axis) => tf.argMax(x, Array.isArray(axis) ? axis[0] : axis),
  argMin: (x, axis) => tf.argMin(x, Array.isArray(axis) ? axis[0] : axis),
};
test.each(Object.entries(reductions))("%s over some axes is what JavaScript computes", async (_, op) => {
  const filled = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }).chain((shape) => plan(shape));
  const axes = fc.option(
    fc.oneof(
      fc.constant<number[]>([-1]),
      fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 2 }),
    ),
    {
      nil: undefined,
    },
  );
  await fc.assert(
    fc.asyncProperty(filled, axes, fc.boolean(), (x, axis, keep) => agree(() => op(make(x), axis, keep), 1e-4)),
    { numRuns: 100 },
  );
});
