import { relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { type BackendName, useBackend, valueAndGradient } from "../../src";
import { onBackend } from "./on-backend";
import { elementwise } from "./gradients/elementwise";
import { type GradientCase, type GradientCases, inputsOf, slopes, total } from "./gradients/gradient-case";
import { layout } from "./gradients/layout";
import { products } from "./gradients/products";
import { reductions } from "./gradients/reductions";
import { windowed } from "./gradients/windows";

/** Every gradient that TensorFlow.js registers, read before anything of ours runs. */
const registry = (globalThis as unknown as { _tfGlobals: Map<string, Map<string, unknown>> })._tfGlobals;
const registered = [...(registry.get("gradRegistry") as Map<string, unknown>).keys()].sort();

/** What no backend can differentiate, and why; packages/core/README.md repeats it. */
const nowhere: Readonly<Record<string, string>> = {
  ComplexAbs: "TensorFlow.js gives it the slope of a real absolute value, and complex numbers none at all",
};

const families: readonly GradientCases[] = [elementwise, reductions, layout, windowed, products];
const cases: [string, GradientCase][] = families.flatMap((family) =>
  Object.entries(family).flatMap(([kernel, all]) =>
    all.map((one): [string, GradientCase] => [[kernel, one.title].filter(Boolean).join(": "), one]),
  ),
);

test("every gradient that TensorFlow.js registers has a case, or a reason why not", () => {
  expect(registered.length).toBeGreaterThan(90);
  expect([...families.flatMap(Object.keys), ...Object.keys(nowhere)].sort()).toEqual(registered);
});

/** By title: the slopes by central differences on cpu. */
const expected = new Map<string, readonly Float32Array[]>();
beforeAll(async () => {
  await useBackend("cpu");
  for (const [title, one] of cases) expected.set(title, slopes(one));
});

describe.each(["cpu", "wasm", "torch"] as const)("on %s the gradient of", (backend: BackendName) => {
  onBackend(backend);

  test.each(cases)("%s is that by central differences", (title, one) => {
    const inputs = inputsOf(one);
    const before = tf.memory().numTensors;
    const gradients = inputs.map((input, index) => {
      const { value, gradient } = valueAndGradient(
        (x) =>
          total(
            one,
            inputs.map((other, i) => (i === index ? x : other)),
          ),
        input,
      );
      value.dispose();
      return gradient;
    });
    expect(tf.memory().numTensors - before, "tensors left behind").toBe(inputs.length);
    expect(gradients.map(({ shape }) => shape)).toEqual(one.shapes);
    const actual = gradients.map((gradient) => gradient.dataSync());
    // One more than each, so that slopes of zero are compared too.
    const shifted = (all: readonly ArrayLike<number>[]): number[] =>
      all.flatMap((some) => Array.from(some, (v) => v + 1));
    expect(relativeDeviation(shifted(actual), shifted(expected.get(title) as Float32Array[]))).toBeLessThan(2e-3);
  });
});
