import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { valueAndGradient } from "../../src";
import { vectorJacobian } from "../../src/authoring";

const a = (): tf.Tensor2D => tf.tensor2d([1, -2, 0.5, 3], [2, 2]);
const b = (): tf.Tensor2D => tf.tensor2d([0.5, 1, -1, 2], [2, 2]);

test("valueAndGradient agrees with TensorFlow.js's own gradients on a graph with sharing and dead ends", () => {
  const f = (x: tf.Tensor2D): tf.Tensor => {
    tf.square(tf.exp(x)); // leads nowhere
    const shared = tf.tanh(tf.matMul(x, b()));
    return tf.sum(tf.add(tf.mul(shared, shared), tf.slice(tf.concat([shared, x], 0), [1, 0], [2, 2])));
  };
  const x = a();
  const { value, gradient } = valueAndGradient(f, x);
  const expected = tf.valueAndGrad(f)(x);
  expect(value.dataSync()).toEqual(expected.value.dataSync());
  expect(gradient.dataSync()).toEqual(expected.grad.dataSync());
});

test("valueAndGradient differentiates the sum of a value per example", () => {
  const { value, gradient } = valueAndGradient((x) => tf.sum(tf.square(x), 1), a());
  expect([...value.dataSync()]).toEqual([5, 9.25]);
  expect([...gradient.dataSync()]).toEqual([2, -4, 1, 6]);
});

test("valueAndGradient without a path has a zero gradient and says so", () => {
  const { gradient, connected } = valueAndGradient(() => tf.tensor1d([1, 2]), a());
  expect(connected).toBe(false);
  expect([...gradient.dataSync()]).toEqual([0, 0, 0, 0]);
  expect(valueAndGradient((x) => tf.sum(x), a()).connected).toBe(true);
});

test("valueAndGradient ends a path at a comparison and at an integer", () => {
  const f = (x: tf.Tensor2D): tf.Tensor => {
    const positive = tf.cast(tf.greater(x, 0), "float32");
    const whole = tf.cast(tf.cast(x, "int32"), "float32");
    return tf.sum(tf.add(tf.mul(x, positive), whole));
  };
  const { value, gradient } = valueAndGradient(f, a());
  expect([...value.dataSync()]).toEqual([1 + 0.5 + 3 + (1 - 2 + 0 + 3)]);
  expect([...gradient.dataSync()]).toEqual([1, 0, 1, 1]);
  expect(valueAndGradient((x) => tf.cast(tf.less(x, 1), "float32"), a()).connected).toBe(false);
});

test("valueAndGradient has a value to dispose, also when the function returns what it was given", () => {
  const x = a();
  valueAndGradient((z) => z, x).value.dispose();
  expect(x.isDisposed).toBe(false);
});

test("valueAndGradient works inside another differentiation", () => {
  // d/dx of Σ (d/dx x³)² = Σ 9x⁴ is 36x³
  const outer = tf.grad((x) => tf.sum(tf.square(valueAndGradient((z) => tf.mul(tf.square(z), z), x).gradient)));
  const x = tf.tensor1d([1, 2]);
  expect([...outer(x).dataSync()]).toEqual([36, 288]);
});

test("valueAndGradient keeps an input's gradient that is the output's own gradient", () => {
  const identity = tf.customGrad((x) => ({ value: tf.clone(x as tf.Tensor), gradFunc: (dy) => dy }));
  const { gradient } = valueAndGradient((x) => tf.add(identity(x), tf.mul(identity(x), 2)), a());
  expect([...gradient.dataSync()]).toEqual([3, 3, 3, 3]);
});

test("valueAndGradient leaves exactly the value and the gradient", () => {
  const x = a();
  const before = tf.memory().numTensors;
  valueAndGradient((z) => tf.sum(tf.relu(tf.matMul(tf.relu(z), z))), x);
  expect(tf.memory().numTensors - before).toBe(2);
});

test.each([
  [
    "forward",
    () => {
      throw new Error("forward");
    },
  ],
  [
    "backward",
    (x: tf.Tensor) =>
      tf.customGrad(() => ({
        value: tf.sum(tf.relu(x)),
        gradFunc: () => {
          throw new Error("backward");
        },
      }))(x),
  ],
] as [string, (x: tf.Tensor) => tf.Tensor][])("valueAndGradient leaves nothing when the %s pass throws", (name, f) => {
  const x = a();
  const before = tf.memory().numTensors;
  expect(() => valueAndGradient((z) => f(tf.relu(tf.square(z))), x)).toThrow(name);
  expect(tf.memory().numTensors).toBe(before);
});

test("valueAndGradient has a lower peak of memory than TensorFlow.js", () => {
  const layers = 20;
  const network = (x: tf.Tensor): tf.Tensor => {
    let h = x;
    for (let layer = 0; layer < layers; layer++) h = tf.tanh(tf.mul(h, 1.1));
    return tf.sum(h);
  };
  const peakOf = (differentiate: (f: (x: tf.Tensor) => tf.Tensor) => void): number => {
    let peak = 0;
    const probe = tf.customGrad((x) => ({
      value: tf.clone(x as tf.Tensor),
      // Runs last in the backward pass.
      gradFunc: (dy) => {
        peak = tf.memory().numTensors;
        return tf.clone(dy);
      },
    }));
    differentiate((x) => network(probe(x)));
    return peak;
  };
  const x = tf.ones([4]);
  const ours = peakOf((f) => void valueAndGradient(f, x));
  const theirs = peakOf((f) => void tf.valueAndGrad(f)(x));
  expect(theirs - ours).toBeGreaterThanOrEqual(2 * layers);
});

test("vectorJacobian gives the gradient of every entry from one forward pass, and keeps nothing", () => {
  let passes = 0;
  const f = (x: tf.Tensor2D): tf.Tensor => {
    passes++;
    return tf.matMul(tf.tanh(tf.square(x)), b());
  };
  const x = a();
  const { value, gradient, dispose } = vectorJacobian(f, x);
  for (let entry = 0; entry < 4; entry++) {
    const weights = tf.reshape(tf.oneHot(entry, 4), [2, 2]);
    const expected = tf.grad((z: tf.Tensor) => tf.sum(tf.mul(f(z as tf.Tensor2D), weights)))(x);
    const ours = gradient(weights).dataSync();
    ours.forEach((slope, i) => expect(slope).toBeCloseTo(expected.dataSync()[i]!, 6));
  }
  expect(passes).toBe(5);
  dispose();
  value.dispose();
  const weights = tf.ones([2, 2]);
  expect(() => {
    const run = vectorJacobian((z: tf.Tensor2D) => tf.tanh(tf.square(z)), x);
    tf.dispose([run.gradient(weights), run.gradient(weights), run.value]);
    run.dispose();
  }).toAllocate(0);
});

test("vectorJacobian has zero gradients without a path, and refuses to be nested", () => {
  const run = vectorJacobian(() => tf.ones([2, 2]), a());
  expect([...run.gradient(tf.ones([2, 2])).dataSync()]).toEqual([0, 0, 0, 0]);
  run.dispose();
  expect(() => tf.grad((x) => vectorJacobian(tf.square, x).value)(a())).toThrow("inside another differentiation");
});
