import { relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { AwpError, type BackendName, useBackend } from "../../src";
import { elementwise } from "./gradients/elementwise";
import { type GradientCase, spread, weights } from "./gradients/gradient-case";
import { layout } from "./gradients/layout";
import { products } from "./gradients/products";
import { reductions } from "./gradients/reductions";
import { windowed } from "./gradients/windows";

/** Every gradient that TensorFlow.js registers, before anything else is. */
const registered = [
  ...(globalThis as unknown as { _tfGlobals: Map<string, Map<string, unknown>> })._tfGlobals.get("gradRegistry")!.keys(),
];

/** What can be differentiated nowhere, and why; README.md repeats it. */
const nowhere: Record<string, string> = {
  ComplexAbs: "TensorFlow.js registers the gradient of real absolute values for it, and none for complex numbers",
};

const families = { elementwise, reductions, layout, windowed, products };
const cases = Object.assign({}, ...Object.values(families)) as Record<string, readonly GradientCase[]>;

const failures: Partial<Record<BackendName, string>> = {};
for (const backend of ["torch", "wasm", "cpu"] as const) {
  try {
    await useBackend(backend);
  } catch (error) {
    if (!AwpError.is(error)) throw error;
    failures[backend] = error.message;
  }
}

test("every gradient that TensorFlow.js registers has a case or a reason why not", () => {
  expect(registered.length).toBeGreaterThan(90);
  expect([...Object.keys(cases), ...Object.keys(nowhere)].sort()).toEqual(registered.sort());
});

type Inputs = readonly tf.Tensor[];

function inputsOf({ shapes, range = [-1, 1] }: GradientCase): Inputs {
  return shapes.map((shape, index) => tf.tensor(spread(shape, range, 5 * index), [...shape]));
}

function total({ f }: GradientCase, inputs: Inputs): tf.Scalar {
  const y = f(...(inputs as never[]));
  return tf.sum(tf.mul(y, weights(y.shape)));
}

/** The gradients of the weighted sum by TensorFlow.js, or by central differences on cpu. */
const gradientsOf = (one: GradientCase): Float32Array[] =>
  tf.tidy(() => {
    const inputs = inputsOf(one);
    return tf.grads((...xs: tf.Tensor[]) => total(one, xs))([...inputs]).map((g) => g.dataSync() as Float32Array) as never;
  });

const differences = (one: GradientCase, step = 4e-3): Float32Array[] => {
  const inputs = inputsOf(one).map((x) => ({ shape: x.shape, values: x.dataSync() as Float32Array }));
  const at = (which: number, entry: number, by: number): { value: number; moved: number } =>
    tf.tidy(() => {
      const moved = inputs.map(({ values }) => values.slice());
      moved[which]![entry]! += by;
      const tensors = inputs.map(({ shape }, i) => tf.tensor(moved[i]!, shape));
      const y = one.f(...(tensors as never[]));
      const w = weights(y.shape).dataSync();
      return { value: Array.from(y.dataSync()).reduce((sum, v, i) => sum + v * w[i]!, 0), moved: moved[which]![entry]! } as never;
    });
  return inputs.map(({ values }, which) =>
    Float32Array.from(values, (_, entry) => {
      const [above, below] = [at(which, entry, step), at(which, entry, -step)];
      return (above.value - below.value) / (above.moved - below.moved);
    }),
  );
};

describe.each(Object.keys(cases).sort())("%s", (name) => {
  test.each(cases[name]!.map((one) => [one.title ?? "", one] as const))("%s", async (_, one) => {
    await tf.setBackend("cpu");
    const expected = differences(one);
    for (const backend of ["cpu", "wasm", "torch"] as const) {
      if (failures[backend] !== undefined) continue;
      await tf.setBackend(backend);
      const actual = gradientsOf(one);
      const scale = Math.max(1e-3, ...expected.flatMap((e) => Array.from(e, Math.abs)));
      const worst = Math.max(...expected.flatMap((e, i) => Array.from(e, (v, j) => Math.abs(v - actual[i]![j]!))));
      expect.soft(worst / scale, `${backend}`).toBeLessThan(3e-3);
    }
  });
});
