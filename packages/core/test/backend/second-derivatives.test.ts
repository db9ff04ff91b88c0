import { relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { type BackendName, hessianVectorProduct, NoDerivativeError, parameterGradients, useBackend } from "../../src";
import { onBackend } from "./on-backend";
import { elementwise } from "./gradients/elementwise";
import { type GradientCase, type GradientCases, inputsOf } from "./gradients/gradient-case";
import { layout } from "./gradients/layout";
import { products } from "./gradients/products";
import { reductions } from "./gradients/reductions";
import { windowed } from "./gradients/windows";

/** Kernels whose gradient is a kernel that nothing differentiates again: they are refused, not got wrong. */
const refused: readonly string[] = [
  "AvgPool3D",
  "Conv3D",
  "Dilation2D",
  "Elu",
  "LRN",
  "MaxPool3D",
  "Prod",
  "ResizeBilinear",
  "ResizeNearestNeighbor",
];

const families: readonly GradientCases[] = [elementwise, reductions, layout, windowed, products];
const cases: [string, GradientCase, boolean][] = families.flatMap((family) =>
  Object.entries(family).flatMap(([kernel, all]) =>
    all.map((one): [string, GradientCase, boolean] => [
      [kernel, one.title].filter(Boolean).join(": "),
      one,
      refused.includes(kernel),
    ]),
  ),
);

/** A loss whose slope in the kernel's output is not constant, so that both ways through the gradient count. */
const lossOf =
  ({ f }: GradientCase, inputs: readonly tf.Tensor[]) =>
  (): tf.Scalar =>
    tf.tidy(() => {
      const y = f(...(inputs as never[]));
      const weights = Float32Array.from({ length: y.size }, (_, i) => 0.5 + ((i * 7) % 11) / 11);
      return tf.sum(tf.mul(tf.square(tf.add(y, 0.3)), tf.tensor(weights, y.shape)));
    });

const named = (tensors: readonly tf.Tensor[]) => new Map(tensors.map((tensor, i) => [`${i}`, tensor]));

/** A direction with no entry of 0. */
const direction = ({ shape, size }: tf.Tensor): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: size }, (_, i) => (((i * 5) % 7) - 3.4) / 4),
    shape,
  );

/** By title: the product by central differences of gradients on cpu. */
const expected = new Map<string, readonly Float32Array[]>();
beforeAll(async () => {
  await useBackend("cpu");
  for (const [title, one, isRefused] of cases) if (!isRefused) expected.set(title, differences(one));
});

function differences(one: GradientCase, step = 2e-3): readonly Float32Array[] {
  const gradientsAt = (by: number): Float32Array[] =>
    tf.tidy(() => {
      const moved = inputsOf(one).map((x) => tf.add(x, tf.mul(direction(x), by)));
      const gradients = parameterGradients(lossOf(one, moved), named(moved)).gradients;
      return [...gradients.values()].map((gradient) => gradient.dataSync<"float32">().slice()) as never;
    });
  const [above, below] = [gradientsAt(step), gradientsAt(-step)];
  return above.map((some, k) => some.map((value, i) => (value - below[k]![i]!) / (2 * step)));
}

describe.each(["cpu", "wasm", "torch"] as const)("on %s the second derivative of", (backend: BackendName) => {
  onBackend(backend);

  test.each(cases)("%s is that by central differences, or refused", (title, one, isRefused) => {
    const inputs = inputsOf(one);
    const vectors = named(inputs.map(direction));
    const before = tf.memory().numTensors;
    const product = () => hessianVectorProduct(lossOf(one, inputs), named(inputs), vectors);
    if (isRefused) {
      expect(product).toThrow(NoDerivativeError);
      expect(tf.memory().numTensors - before, "tensors left behind").toBe(0);
      return;
    }
    const products = [...product().values()];
    expect(tf.memory().numTensors - before, "tensors left behind").toBe(inputs.length);
    expect(products.map(({ shape }) => shape)).toEqual(one.shapes);
    const shifted = (all: readonly ArrayLike<number>[]): number[] =>
      all.flatMap((some) => Array.from(some, (v) => v + 1));
    const actual = products.map((some) => some.dataSync());
    expect(relativeDeviation(shifted(actual), shifted(expected.get(title) as Float32Array[]))).toBeLessThan(5e-3);
  });
});
