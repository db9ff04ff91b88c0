import * as tf from "@tensorflow/tfjs-core";
import type { GradientCase, GradientCases } from "./gradient-case";

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

const unary = (f: Unary, range?: readonly [number, number]): GradientCase[] => [
  { shapes: [[3, 4]], f, ...(range && { range }) },
];

const positive = [0.2, 2] as const;

/** Once with one shape, once with both factors broadcast. */
const binary = (f: Binary, range: readonly [number, number] = [-1, 1]): GradientCase[] => [
  {
    shapes: [
      [3, 4],
      [3, 4],
    ],
    f,
    range,
  },
  {
    title: "broadcast",
    shapes: [
      [3, 1, 2],
      [4, 1],
    ],
    f,
    range,
  },
];

export const elementwise: GradientCases = {
  Abs: unary((x) => tf.abs(x)),
  Acos: unary((x) => tf.acos(x), [-0.8, 0.8]),
  Acosh: unary((x) => tf.acosh(x), [1.5, 3]),
  Asin: unary((x) => tf.asin(x), [-0.8, 0.8]),
  Asinh: unary((x) => tf.asinh(x)),
  Atan: unary((x) => tf.atan(x)),
  Atanh: unary((x) => tf.atanh(x), [-0.8, 0.8]),
  Cast: unary((x) => tf.cast(x, "float32")),
  Ceil: unary((x) => tf.ceil(x)),
  ClipByValue: unary((x) => tf.clipByValue(x, -0.5, 0.5)),
  Cos: unary((x) => tf.cos(x)),
  Cosh: unary((x) => tf.cosh(x)),
  Elu: unary((x) => tf.elu(x)),
  Erf: unary((x) => tf.erf(x)),
  Exp: unary((x) => tf.exp(x)),
  Expm1: unary((x) => tf.expm1(x)),
  Floor: unary((x) => tf.floor(x)),
  Identity: unary((x) => tf.clone(x)),
  IsFinite: unary((x) => tf.cast(tf.isFinite(x), "float32")),
  IsInf: unary((x) => tf.cast(tf.isInf(x), "float32")),
  IsNan: unary((x) => tf.cast(tf.isNaN(x), "float32")),
  LeakyRelu: unary((x) => tf.leakyRelu(x, 0.3)),
  Log: unary((x) => tf.log(x), positive),
  Log1p: unary((x) => tf.log1p(x), [-0.5, 2]),
  Neg: unary((x) => tf.neg(x)),
  OnesLike: unary((x) => tf.onesLike(x)),
  Reciprocal: unary((x) => tf.reciprocal(x), positive),
  Relu: unary((x) => tf.relu(x)),
  Relu6: unary((x) => tf.relu6(x), [-3, 9]),
  Round: unary((x) => tf.round(x), [-2.1, 2.1]),
  Rsqrt: unary((x) => tf.rsqrt(x), positive),
  Selu: unary((x) => tf.selu(x)),
  Sigmoid: unary((x) => tf.sigmoid(x)),
  Sign: unary((x) => tf.sign(x)),
  Sin: unary((x) => tf.sin(x)),
  Sinh: unary((x) => tf.sinh(x)),
  Softplus: unary((x) => tf.softplus(x)),
  Sqrt: unary((x) => tf.sqrt(x), positive),
  Square: unary((x) => tf.square(x)),
  Step: unary((x) => tf.step(x, 0.3)),
  Tan: unary((x) => tf.tan(x)),
  Tanh: unary((x) => tf.tanh(x)),
  ZerosLike: unary((x) => tf.zerosLike(x)),

  Add: binary((a, b) => tf.add(a, b)),
  AddN: [
    {
      shapes: [
        [3, 2],
        [3, 2],
        [3, 2],
      ],
      f: (...xs: tf.Tensor[]) => tf.addN(xs),
    },
  ],
  Atan2: binary((a, b) => tf.atan2(a, b), positive),
  FloorDiv: binary((a, b) => tf.floorDiv(a, b), [0.5, 2.6]),
  GreaterEqual: binary((a, b) => tf.cast(tf.greaterEqual(a, b), "float32")),
  Maximum: binary((a, b) => tf.maximum(a, tf.mul(b, 0.7))),
  Minimum: binary((a, b) => tf.minimum(a, tf.mul(b, 0.7))),
  Mod: binary((a, b) => tf.mod(a, b), [1, 2.7]),
  Multiply: binary((a, b) => tf.mul(a, b)),
  Pow: binary((a, b) => tf.pow(a, b), positive),
  Prelu: [
    {
      title: "one slope a channel",
      shapes: [[2, 3, 4], [4]],
      f: (x: tf.Tensor, alpha: tf.Tensor) => tf.prelu(x, alpha),
    },
    {
      title: "one slope a value",
      shapes: [
        [2, 3, 4],
        [3, 4],
      ],
      f: (x: tf.Tensor, alpha: tf.Tensor) => tf.prelu(x, alpha),
    },
  ],
  RealDiv: binary((a, b) => tf.div(a, b), positive),
  SquaredDifference: binary((a, b) => tf.squaredDifference(a, b)),
  Sub: binary((a, b) => tf.sub(a, b)),
};
