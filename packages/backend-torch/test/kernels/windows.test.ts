import { batchNormTraining } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { test } from "vitest";
import { onTorch } from "../torch";
import { agree } from "./random-tensors";
import { geometry, ramp } from "./random-windows";

onTorch();

test.each(["conv2d", "depthwiseConv2d"] as const)("%s and its gradients are what JavaScript computes", async (name) => {
  await fc.assert(
    fc.asyncProperty(geometry, ({ shape, window, stride, channels, pad, dilation }) =>
      agree(() => {
        const op = (x: tf.Tensor, filter: tf.Tensor) =>
          tf[name](x as tf.Tensor4D, filter as tf.Tensor4D, stride, pad, "NHWC", stride === 1 ? dilation : 1);
        const [x, filter] = [ramp(shape, 0.7), ramp([...window, shape[3], channels], 0.3)];
        const y = op(x, filter);
        const dy = ramp(y.shape, 1.1);
        // tfjs has no gradient of a dilated convolution.
        return stride === 1 && dilation > 1 ? y : [y, ...tf.grads(op)([x, filter], dy)];
      }, 1e-4),
    ),
    { numRuns: 150 },
  );
});

test.each(["maxPool", "avgPool"] as const)("%s and its gradient are what JavaScript computes", async (name) => {
  await fc.assert(
    fc.asyncProperty(geometry, ({ shape, window, stride, pad }) =>
      agree(() => {
        const op = (x: tf.Tensor) => tf[name](x as tf.Tensor4D, window, stride, pad);
        const x = ramp(shape, 0.7);
        const y = op(x);
        return [y, tf.grad(op)(x, ramp(y.shape, 1.1))];
      }),
    ),
    { numRuns: 150 },
  );
});

test("batch normalisation by the batch and its gradients are what JavaScript computes", async () => {
  await fc.assert(
    fc.asyncProperty(geometry, ({ shape }) =>
      agree(() => {
        const channels = shape[3];
        const [scale, offset] = [tf.linspace(0.5, 1.5, channels), tf.linspace(-1, 1, channels)];
        const op = (x: tf.Tensor, s: tf.Tensor, o: tf.Tensor) =>
          batchNormTraining(x as tf.Tensor4D, s as tf.Tensor1D, o as tf.Tensor1D, 1e-3).output;
        const x = tf.add(ramp(shape, 0.7), 3);
        const { mean, variance } = batchNormTraining(x as tf.Tensor4D, scale, offset, 1e-3);
        return [op(x, scale, offset), mean, variance, ...tf.grads(op)([x, scale, offset], ramp(shape, 1.1))];
      }, 1e-3),
    ),
    { numRuns: 60 },
  );
});

test("products of matrices, transposed and batched, are what JavaScript computes", async () => {
  const size = fc.integer({ min: 1, max: 4 });
  await fc.assert(
    fc.asyncProperty(size, size, size, size, fc.boolean(), fc.boolean(), (batch, m, k, n, transposeA, transposeB) =>
      agree(() => {
        const a = ramp([1, batch, ...(transposeA ? [k, m] : [m, k])], 0.7);
        const b = ramp([1, 1, ...(transposeB ? [n, k] : [k, n])], 0.3);
        return tf.matMul(a, b, transposeA, transposeB);
      }),
    ),
    { numRuns: 60 },
  );
});
