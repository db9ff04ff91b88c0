import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { ArgumentError, AwpError, compileStep, valueAndGradient } from "../../src";

type X = { readonly x: tf.Tensor1D };

describe("compileStep", () => {
  test.each([
    ["a tensor", ({ x }: X) => tf.add(x, 1), [[2, 3]]],
    [
      "a list",
      ({ x }: X) => [tf.add(x, 1), tf.mul(x, 2)],
      [
        [2, 3],
        [2, 4],
      ],
    ],
    ["a record", ({ x }: X) => ({ sum: tf.sum(x), x }), [[3], [1, 2]]],
  ])("runs a step that returns %s as it is where nothing records", (_, body, expected) => {
    const step = compileStep<X, tf.Tensor | tf.Tensor[] | Record<string, tf.Tensor>>(body);
    const x = tf.tensor1d([1, 2]);
    for (let call = 0; call < 5; call++) {
      const output = step({ x });
      const tensors = output instanceof tf.Tensor ? [output] : Object.values(output);
      expect(tensors.map((tensor) => Array.from(tensor.dataSync()))).toEqual(expected);
      // The caller's, also where the step hands on an input.
      tf.dispose(tensors);
      expect(x.isDisposed).toBe(false);
    }
    expect(() => step({ x })).toAllocate(expected.length);
    step.dispose();
  });

  test("takes its inputs by name, whatever their order", () => {
    const step = compileStep(({ a, b }: { a: tf.Tensor; b: tf.Tensor }) => tf.sub(a, b));
    const [a, b] = [tf.scalar(3), tf.scalar(1)];
    expect(step({ b, a }).dataSync()[0]).toBe(2);
    expect(step({ a, b }).dataSync()[0]).toBe(2);
  });

  test("refuses by name what is no tensor", () => {
    const step = compileStep(({ x }: X) => tf.add(x, 1));
    const disposed = tf.tensor1d([1]);
    disposed.dispose();
    expect(() => step({ x: disposed })).toThrow('inputs.x: got "a disposed tensor", want a tensor');
    expect(() => step({ x: 3 as unknown as tf.Tensor1D })).toThrow(ArgumentError);
    const promises = compileStep<X, tf.Tensor>((async ({ x }: X) => x) as never);
    expect(() => promises({ x: tf.tensor1d([1]) })).toThrow(ArgumentError);
    const numbers = compileStep(() => [1 as unknown as tf.Tensor]);
    expect(() => numbers({})).toThrow("the output 0: got 1, want a tensor");
  });

  test("leaves no tensor where the step throws", () => {
    const step = compileStep(({ x }: X) => {
      tf.add(x, 1);
      throw new Error("of its own");
    });
    const x = tf.tensor1d([1]);
    expect(() => {
      expect(() => step({ x })).toThrow("of its own");
    }).toAllocate(0);
  });

  test("refuses to run inside a differentiation", () => {
    const step = compileStep(({ x }: X) => tf.square(x));
    expect(() => valueAndGradient((x) => step({ x }), tf.tensor1d([1]))).toThrow(AwpError);
  });
});
