import { batchNormTraining } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { onTorch, type Outcome, outcomeOn } from "./torch";

onTorch();

/** A tensor to be made anew on each backend. */
interface Plan {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32" | "bool";
  readonly values: readonly number[];
}

const dtypes = fc.constantFrom("float32", "int32", "bool" as const);
const special = fc.constantFrom(0, -0, 1, -1, 0.5, 1.5, 2.5, -2.5, Number.NaN, Infinity, -Infinity, 1e-8, 7);
const float = fc.oneof(special, fc.double({ min: -4, max: 4 }));

function plan(shape: readonly number[], types: fc.Arbitrary<Plan["dtype"]> = dtypes): fc.Arbitrary<Plan> {
  const count = shape.reduce((size, n) => size * n, 1);
  return types.chain((dtype) => {
    const value =
      dtype === "float32" ? float : fc.integer({ min: dtype === "bool" ? 0 : -9, max: dtype === "bool" ? 1 : 9 });
    return fc.array(value, { minLength: count, maxLength: count }).map((values) => ({ shape, dtype, values }));
  });
}

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
const anyTensor = shapes.chain((shape) => plan(shape));
/** Two shapes that broadcast. */
const pairs = shapes.chain((shape) =>
  fc
    .tuple(fc.integer({ min: 0, max: shape.length }), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
    .map(([cut, ones]) => [shape, shape.map((size, axis) => (ones[axis] ? 1 : size)).slice(cut)] as const),
);

const make = ({ values, shape, dtype }: Plan): tf.Tensor => tf.tensor([...values], [...shape], dtype);

/** Runs a computation on both backends and compares: both throw, or types, shapes and values agree. */
async function agree(compute: () => tf.Tensor | tf.Tensor[], tolerance = 1e-5): Promise<void> {
  const expected = await outcomeOn("cpu", compute);
  const actual = await outcomeOn("torch", compute);
  expect(describe(actual)).toEqual(describe(expected));
  for (const [i, { values }] of expected.tensors.entries()) {
    const got = actual.tensors[i]?.values ?? [];
    for (const [j, value] of values.entries()) {
      const close = Object.is(got[j], value) || got[j] === value;
      if (!close && !(Math.abs((got[j] as number) - value) <= tolerance * (1 + Math.abs(value)))) {
        expect.fail(`output ${i}, element ${j}: torch has ${got[j]}, cpu ${value}`);
      }
    }
  }
}

const describe = ({ threw, tensors }: Outcome) => ({
  threw,
  tensors: tensors.map(({ dtype, shape }) => ({ dtype, shape })),
});

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
test.each(Object.entries(unary))("%s", async (_, op) => {
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
test.each(Object.entries(binary))("%s broadcasts", async (name, op) => {
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

type Reduction = (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor;
const reductions: Record<string, Reduction> = {
  ...{ sum: tf.sum, mean: tf.mean, max: tf.max, min: tf.min, prod: tf.prod, all: tf.all, any: tf.any },
  argMax: (x, axis) => tf.argMax(x, Array.isArray(axis) ? axis[0] : axis),
  argMin: (x, axis) => tf.argMin(x, Array.isArray(axis) ? axis[0] : axis),
};
test.each(Object.entries(reductions))("%s reduces", async (_, op) => {
  const filled = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }).chain((shape) => plan(shape));
  const axes = fc.option(
    fc.oneof(
      fc.constant<number[]>([-1]),
      fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 2 }),
    ),
    {
      nil: undefined,
    },
  );
  await fc.assert(
    fc.asyncProperty(filled, axes, fc.boolean(), (x, axis, keep) => agree(() => op(make(x), axis, keep), 1e-4)),
    { numRuns: 100 },
  );
});

const layout: Record<string, (x: tf.Tensor) => tf.Tensor | tf.Tensor[]> = {
  transpose: (x) => tf.transpose(x),
  reverse: (x) => tf.reverse(x),
  tile: (x) =>
    tf.tile(
      x,
      x.shape.map((_, axis) => (axis % 2) + 1),
    ),
  pad: (x) =>
    tf.pad(
      x,
      x.shape.map((_, axis) => [axis % 2, 1] as [number, number]),
      1,
    ),
  concat: (x) => tf.concat([x, x], x.rank - 1),
  stack: (x) => tf.stack([x, x], x.rank),
  unstack: (x) => tf.unstack(x, -1),
  split: (x) => tf.split(x, [1, (x.shape.at(-1) as number) - 1], -1),
  gather: (x) => tf.gather(x, tf.tensor1d([0, 1, 0], "int32"), x.rank - 1),
  oneHot: (x) => tf.oneHot(tf.cast(x, "int32"), 3),
  topk: (x) => Object.values(tf.topk(x, 2)),
  softmax: (x) => tf.softmax(tf.cast(x, "float32")),
  logSoftmax: (x) => tf.logSoftmax(tf.cast(x, "float32")),
  cumsum: (x) => tf.cumsum(x, 0, true, true),
  where: (x) => tf.where(tf.cast(x, "bool"), x, tf.zerosLike(x)),
  stridedSlice: (x) =>
    tf.stridedSlice(
      x,
      x.shape.map(() => 0),
      [...x.shape],
      x.shape.map(() => 2),
    ),
  mirrorPad: (x) =>
    tf.mirrorPad(
      x,
      x.shape.map(() => [1, 0] as [number, number]),
      "symmetric",
    ),
};
test.each(Object.entries(layout))("%s", async (_, op) => {
  const finite = fc
    .array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 })
    .chain((shape) =>
      plan(shape).map((x) => ({ ...x, values: x.values.map((value) => (Number.isFinite(value) ? value : 2)) })),
    );
  await fc.assert(
    fc.asyncProperty(finite, (x) => agree(() => op(make(x)), 1e-4)),
    { numRuns: 60 },
  );
});

const side = fc.integer({ min: 1, max: 7 });
const geometry = fc.record({
  shape: fc.tuple(fc.integer({ min: 1, max: 3 }), side, side, fc.integer({ min: 1, max: 3 })),
  window: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
  stride: fc.integer({ min: 1, max: 3 }),
  channels: fc.integer({ min: 1, max: 3 }),
  pad: fc.constantFrom("same", "valid" as const),
  dilation: fc.integer({ min: 1, max: 2 }),
});
const ramp = (shape: readonly number[], frequency: number): tf.Tensor4D => {
  const count = shape.reduce((size, n) => size * n, 1);
  return tf.tensor4d(
    Array.from({ length: count }, (_, i) => Math.sin(frequency * i)),
    shape as [number, number, number, number],
  );
};

test.each(["conv2d", "depthwiseConv2d"] as const)("%s and its gradients", async (name) => {
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

test.each(["maxPool", "avgPool"] as const)("%s and its gradient", async (name) => {
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

test("batch normalisation by the batch and its gradients", async () => {
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

test("products of matrices, transposed and batched", async () => {
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
