import * as tf from "@tensorflow/tfjs-core";
import { afterEach, expect, expectTypeOf, test } from "vitest";
import { type Loss, parameterGradients, type WeightAttack } from "../../src";
import { lossInParts } from "../../src/authoring";

const made: tf.Variable[] = [];
afterEach(() => tf.dispose(made.splice(0)));

function variable(values: readonly number[]): tf.Variable {
  const created = tf.tidy(() => tf.variable(tf.tensor1d([...values])));
  made.push(created);
  return created;
}

test("parameterGradients: parameters that the loss does not touch have gradient zero", () => {
  const parameters = new Map([
    ["used", variable([2, 3])],
    ["idle", variable([1])],
  ]);
  const { loss, gradients } = parameterGradients(
    () => tf.sum(tf.square(parameters.get("used") as tf.Variable)),
    parameters,
  );
  expect(loss.dataSync()[0]).toBe(13);
  expect([...gradients.keys()]).toEqual(["used", "idle"]);
  expect([...(gradients.get("used") as tf.Tensor).dataSync()]).toEqual([4, 6]);
  expect([...(gradients.get("idle") as tf.Tensor).dataSync()]).toEqual([0]);
});

/** Σ w³, 2 Σ w and 5 (which no parameter moves). */
function cubic() {
  const w = variable([1, -2]);
  const idle = variable([3]);
  const calls: string[] = [];
  const part = (name: string, of: () => tf.Tensor) => (): tf.Scalar => {
    calls.push(name);
    return tf.tidy(() => tf.sum<tf.Scalar>(of()));
  };
  const parts = [
    part("cube", () => tf.mul(tf.square(w), w)),
    part("double", () => tf.mul(w, 2)),
    part("constant", () => tf.scalar(5)),
  ];
  return {
    parts,
    calls,
    parameters: new Map([
      ["w", w],
      ["idle", idle],
    ]),
  };
}

test("parameterGradients adds up the parts of a loss: 3w² + 2, and zero where none depends", () => {
  const { parts, calls, parameters } = cubic();
  const { loss, gradients } = parameterGradients(lossInParts(parts), parameters);
  expect(loss.dataSync()[0]).toBe(1 - 8 + 2 * -1 + 5);
  expect([...gradients.get("w")!.dataSync()]).toEqual([5, 14]);
  expect([...gradients.get("idle")!.dataSync()]).toEqual([0]);
  expect(calls).toEqual(["cube", "double", "constant"]);
});

test("a loss in parts is their sum when it is called", () => {
  const loss = lossInParts(cubic().parts);
  expect(loss().dataSync()[0]).toBe(-4);
  expect(() => loss()).toAllocate(1);
});

test("parameterGradients of parts leaves the loss and the gradients, and nothing when a part throws", () => {
  const { parts, parameters } = cubic();
  expect(() => parameterGradients(lossInParts(parts), parameters)).toAllocate(3);
  const failing = lossInParts([
    ...parts,
    () => {
      throw new Error("the last part");
    },
  ]);
  expect(() => expect(() => parameterGradients(failing, parameters)).toThrow("the last part")).toAllocate(0);
});

test("parameterGradients of parts works inside another differentiation", () => {
  const { parts, parameters } = cubic();
  // d/dw of Σ (3w² + 2)² is 12w (3w² + 2)
  const { gradients } = parameterGradients(
    () => tf.sum(tf.square(parameterGradients(lossInParts(parts), parameters).gradients.get("w")!)),
    parameters,
  );
  expect([...gradients.get("w")!.dataSync()]).toEqual([12 * 5, -24 * 14]);
});

test("parameterGradients holds one part's activations at a time", async () => {
  const w = variable(Array.from({ length: 1000 }, (_, i) => i / 1000));
  const deep = (): tf.Scalar =>
    tf.tidy(() => tf.sum(Array.from({ length: 20 }).reduce<tf.Tensor>((h) => tf.tanh(h), w)));
  const peak = async (count: number): Promise<number> => {
    const loss = lossInParts(new Array<() => tf.Scalar>(count).fill(deep));
    const before = tf.memory().numBytes;
    const { peakBytes } = await tf.profile(() =>
      tf.dispose([...parameterGradients(loss, new Map([["w", w]])).gradients.values()]),
    );
    return peakBytes - before;
  };
  const [one, four] = [await peak(1), await peak(4)];
  // The sum so far is a thousandfold tensor more, of about twenty.
  expect(four! / one!).toBeLessThan(1.15);
});

test("the type of Loss: a plain function is one", () => {
  expectTypeOf<() => tf.Scalar>().toExtend<Loss>();
  expectTypeOf<WeightAttack>().parameter(1).toEqualTypeOf<Loss>();
  expectTypeOf<ReturnType<Loss>>().toEqualTypeOf<tf.Scalar>();
});
