import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { onTorch } from "../torch";
import { filterGradient, forward, inputGradient, type Sizes } from "./plain-convolution";

onTorch();

// Channels for which the native side has a way of its own, and images whose last tiles stick out.
const sizes: fc.Arbitrary<Sizes> = fc.record({
  batch: fc.integer({ min: 1, max: 5 }),
  height: fc.integer({ min: 4, max: 9 }),
  width: fc.integer({ min: 4, max: 9 }),
  inputs: fc.constantFrom(32, 64, 96),
  outputs: fc.constantFrom(32, 64, 96),
});

test("a 3 × 3 convolution of many channels and its gradients are the plain sums", () => {
  fc.assert(
    fc.property(sizes, fc.integer(), (shape, seed) => {
      const { batch, height, width, inputs, outputs } = shape;
      const x = noise([batch, height, width, inputs], seed);
      const filter = noise([3, 3, inputs, outputs], seed + 1);
      const dy = noise([batch, height, width, outputs], seed + 2);
      tf.tidy(() => {
        const convolve = (images: tf.Tensor, filters: tf.Tensor) =>
          tf.conv2d(images as tf.Tensor4D, filters as tf.Tensor4D, 1, "same");
        const [dx, dFilter] = tf.grads(convolve)([x, filter], dy) as [tf.Tensor, tf.Tensor];
        const [image, weights, gradient] = [x.dataSync(), filter.dataSync(), dy.dataSync()];
        expectNear(convolve(x, filter).dataSync(), forward(shape, image, weights));
        expectNear(dx.dataSync(), inputGradient(shape, gradient, weights));
        expectNear(dFilter.dataSync(), filterGradient(shape, image, gradient));
      });
      tf.dispose([x, filter, dy]);
    }),
    { numRuns: 12 },
  );
});

test("an image's convolution does not depend on the batch that it is in", () => {
  const [images, filter] = [noise([7, 5, 6, 32], 1), noise([3, 3, 32, 64], 2)] as [tf.Tensor4D, tf.Tensor4D];
  const of = (x: tf.Tensor4D) => tf.conv2d(x, filter, 1, "same");
  const apart = tf.concat(tf.split(images, 7).map((image) => of(image as tf.Tensor4D))).dataSync();
  expect(of(images).dataSync()).toEqual(apart);
});

type Values = ArrayLike<number>;

function noise(shape: number[], seed: number): tf.Tensor {
  return tf.randomNormal(shape, 0, 1, "float32", seed);
}

/** Equal within what float32 rounds off sums of products of standard normal numbers. */
function expectNear(actual: Values, expected: Float64Array): void {
  expect(actual.length).toBe(expected.length);
  let [difference, size] = [0, 0];
  for (const [i, value] of expected.entries()) {
    difference = Math.max(difference, Math.abs(value - (actual[i] as number)));
    size = Math.max(size, Math.abs(value));
  }
  expect(difference).toBeLessThan(2e-6 * size);
}
