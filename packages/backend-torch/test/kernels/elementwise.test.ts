import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { test } from "vitest";
import { onTorch } from "../torch";
import { agree, anyTensor, dtypes, make, plan, shapes } from "./random-tensors";

onTorch();

/** Two shapes that broadcast. */
const pairs = shapes.chain((shape) =>
  fc
    .tuple(fc.integer({ min: 0, max: shape.length }), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
    .map(([cut, ones]) => [shape, shape.map((size, axis) => (ones[axis] ? 1 : size)).slice(cut)] as const),
);

type Unary = (x: tf.Tensor) => tf.Tensor;
const unary: Record<string, Unary> = {
  ...{ abs: tf.abs, neg: tf.neg, exp: tf.exp, log: tf.log, log1p: tf.log1p, sqrt: tf.sqrt, rsqrt: tf.rsqrt },
  ...{ square: tf.square, relu: tf.relu, relu6: tf.relu6, sigmoid: tf.sigmoid, tanh: tf.tanh, round: tf.round },
  ...{ floor: tf.floor, ceil: tf.ceil, sign: tf.sign, isNaN: tf.isNaN, isFinite: tf.isFinite, isInf: tf.isInf },
  ...{ step: tf.step, leakyRelu: tf.leakyRelu, elu: tf.elu, selu: tf.selu, erf: tf.erf, softplus: tf.softplus },
  ...{ zerosLike: tf.zerosLike, onesLike: tf.onesLike, reciprocal: tf.reciprocal, sin: tf.sin, atan: tf.atan },
  clip: (x) => tf.clipByValue(x, -0.5, 1.5),
  toInt: (x) => tf.cast(x, "int32"),
  toFloat: (x) => tf.cast(x, "float32"),
  toBool: (x) => tf.cast(x, "bool"),
  not: tf.logicalNot,
};
test.each(Object.entries(unary))("%s, element by element, is what JavaScript computes", async (_, op) => {
  await fc.assert(
    fc.asyncProperty(anyTensor, (x) => agree(() => op(make(x)), 1e-4)),
    { numRuns: 60 },
  );
});

type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
const binary: Record<string, Binary> = {
  ...{ add: tf.add, sub: tf.sub, mul: tf.mul, div: tf.div, floorDiv: tf.floorDiv, mod: tf.mod },
  ...{ maximum: tf.maximum, minimum: tf.minimum, squaredDifference: tf.squaredDifference },
  ...{ equal: tf.equal, notEqual: tf.notEqual, greater: tf.greater, greaterEqual: tf.greaterEqual, less: tf.less },
  ...{ lessEqual: tf.lessEqual, and: tf.logicalAnd, or: tf.logicalOr, atan2: tf.atan2, prelu: tf.prelu },
};
test.each(Object.entries(binary))("%s of two tensors that broadcast is what JavaScript computes", async (name, op) => {
  // A bool of 2 and remainders of infinities are accidents of JavaScript that nobody relies on.
  const types = ["add", "sub", "mod"].includes(name) ? fc.constant("int32" as const) : dtypes;
  const two = fc
    .tuple(pairs, types)
    .chain(([[a, b], dtype]) =>
      fc.tuple(plan(a, fc.constant(dtype)), plan(b, name === "mod" ? fc.constant("int32" as const) : dtypes)),
    );
  await fc.assert(
    fc.asyncProperty(two, ([a, b]) => agree(() => op(make(a), make(b)))),
    { numRuns: 80 },
  );
});
