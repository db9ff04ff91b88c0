import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { crossEntropy, hessianVectorProduct, klDivergence, type Loss, mean, NoDerivativeError } from "../../src";
import { batchNormTraining, lossInParts } from "../../src/authoring";

const named = (w: tf.Tensor) => new Map([["w", w]]);
const productOf = (loss: Loss, w: tf.Tensor, v: tf.Tensor): number[] => [
  ...hessianVectorProduct(loss, named(w), named(v)).get("w")!.dataSync(),
];
const point = () => tf.tensor1d([0.4, -0.7, 1.1]);
const direction = () => tf.tensor1d([1, -2, 0.5]);

/** The gradient's gradient must reach each of them through what the forward pass keeps: an input, or an output. */
test.each([
  ["w³", (w) => tf.mul(tf.square(w), w), (w) => 6 * w],
  ["exp, which keeps its output", (w) => tf.exp(w), (w) => Math.exp(w)],
  ["tanh of 2w", (w) => tf.tanh(tf.mul(w, 2)), (w) => -8 * Math.tanh(2 * w) * (1 - Math.tanh(2 * w) ** 2)],
  ["the square root of exp", (w) => tf.sqrt(tf.exp(w)), (w) => Math.exp(w / 2) / 4],
  ["a ReLU, linear on either side", (w) => tf.relu(w), () => 0],
  ["a constant", () => tf.scalar(3), () => 0],
] as [string, (w: tf.Tensor) => tf.Tensor, (w: number) => number][])(
  "hessianVectorProduct is f″(w) · v for %s",
  (_, f, second) => {
    const [w, v] = [point(), direction()];
    const expected = [...w.dataSync()].map((value, i) => second(value) * v.dataSync()[i]!);
    productOf(() => tf.sum(f(w)), w, v).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  },
);

test("hessianVectorProduct of a quadratic form is its matrix times the vector", () => {
  const matrix = tf.tensor2d([4, 1, 0, 1, 3, -1, 0, -1, 2], [3, 3]);
  const w = point();
  const loss = (): tf.Scalar => tf.tidy(() => tf.mul(0.5, tf.dot(w, tf.dot(matrix, w))));
  productOf(loss, w, direction()).forEach((value, i) => expect(value).toBeCloseTo([2, -5.5, 3][i]!, 5));
});

test("hessianVectorProduct of softmax regression is Σ x (p∘(u − p·u)) / n with u = Vᵀx", () => {
  const x = tf.tensor2d([0.5, -1, 2, 1, 0.3, -0.4], [2, 3]);
  const y = tf.tensor1d([1, 0], "int32");
  const [w, v] = [0.1, 0.7].map((salt) =>
    tf.tensor2d(
      [...Array(12).keys()].map((i) => Math.sin(i + salt)),
      [3, 4],
    ),
  );
  const expected = tf.tidy(() => {
    const p = tf.softmax(tf.matMul(x, w!));
    const u = tf.matMul(x, v!);
    const moved = tf.mul(p, tf.sub(u, tf.sum(tf.mul(p, u), 1, true)));
    return tf.div(tf.matMul(x, moved, true), 2).dataSync();
  });
  const product = productOf(() => tf.tidy(() => mean(crossEntropy(tf.matMul(x, w as tf.Tensor2D), y))), w!, v!);
  product.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
});

test("hessianVectorProduct couples parameters, and counts those without a vector as still", () => {
  const [a, b, idle] = [tf.scalar(2), tf.scalar(3), tf.scalar(1)];
  const parameters = new Map(Object.entries({ a, b, idle }));
  // a²b: ∂²/∂a² = 2b, ∂²/∂a∂b = 2a
  const products = hessianVectorProduct(() => tf.mul(tf.square(a), b), parameters, new Map([["a", tf.scalar(1)]]));
  expect([...products].map(([name, product]) => [name, product.dataSync()[0]])).toEqual([
    ["a", 6],
    ["b", 4],
    ["idle", 0],
  ]);
});

test("hessianVectorProduct adds up the parts of a loss", () => {
  const w = point();
  const part = (factor: number) => (): tf.Scalar => tf.tidy(() => tf.sum(tf.mul(tf.exp(w), factor)));
  const whole = productOf(part(3), w, direction());
  productOf(lossInParts([part(1), part(2)]), w, direction()).forEach((value, i) => {
    expect(value).toBeCloseTo(whole[i]!, 5);
  });
});

test("hessianVectorProduct leaves the products alone, and nothing when the loss throws", () => {
  const [w, v] = [point(), direction()];
  const loss = (): tf.Scalar => tf.tidy(() => tf.sum(tf.exp(tf.tanh(w))));
  expect(() => [...hessianVectorProduct(loss, named(w), named(v)).values()]).toAllocate(1);
  const failing = lossInParts([
    loss,
    () => {
      throw new Error("the last part");
    },
  ]);
  expect(() => {
    expect(() => hessianVectorProduct(failing, named(w), named(v))).toThrow("the last part");
  }).toAllocate(0);
});

test("hessianVectorProduct goes through a gradient of one's own that keeps inputs and outputs", () => {
  const exponential = tf.customGrad((x, save) => {
    const y = tf.exp(x as tf.Tensor);
    (save as unknown as (tensors: tf.Tensor[]) => void)([y]);
    return { value: y, gradFunc: (dy: tf.Tensor, [kept]: tf.Tensor[]) => tf.mul(dy, kept!) };
  });
  const w = point();
  const product = productOf(() => tf.sum(exponential(w)), w, tf.onesLike(w));
  [...w.dataSync()].forEach((value, i) => expect(product[i]).toBeCloseTo(Math.exp(value), 5));
});

const logits = () => tf.tensor2d([0.3, -1, 0.5, 0.2], [2, 2]);
const images = () => tf.tensor4d([0.3, -1, 0.5, 0.2], [2, 1, 2, 1]);
test.each([
  ["Kullback-Leibler divergence", logits(), (w: tf.Tensor2D) => klDivergence(w, tf.square(w)), "tf.customGrad"],
  ["soft labels", logits(), (w: tf.Tensor2D) => crossEntropy(w, tf.softmax(logits())), "tf.customGrad"],
  [
    "batch normalisation by the batch's statistics",
    images(),
    (w: tf.Tensor4D) => batchNormTraining(tf.square(w), tf.ones([1]), tf.ones([1]), 1e-5).output,
    "BatchNormTrainingGrad",
  ],
] as [string, tf.Tensor, (w: never) => tf.Tensor, string][])("hessianVectorProduct refuses %s", (_, w, f, what) => {
  const product = () => hessianVectorProduct(() => tf.tidy(() => tf.sum(f(w as never))), named(w), named(w));
  expect(() => {
    expect(product).toThrow(NoDerivativeError);
    expect(product).toThrow(what);
  }).toAllocate(0);
});

test("hessianVectorProduct refuses an unknown name, another shape, and being nested", () => {
  const w = point();
  const loss = () => tf.sum(tf.square(w)) as tf.Scalar;
  expect(() => hessianVectorProduct(loss, named(w), new Map([["u", w]]))).toThrow('vector["u"]: got "an unknown name"');
  expect(() => hessianVectorProduct(loss, named(w), named(logits()))).toThrow("the shape of the parameter, [3]");
  expect(() => tf.grad(() => hessianVectorProduct(loss, named(w), named(w)).get("w")!)(w)).toThrow("inside another");
});
