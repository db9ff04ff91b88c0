import type { NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import { allFloat, allNumeric, type Inputs, type TorchKernel } from "./torch-kernel";

const unaryOfFloats = [
  ...["Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Ceil", "Cos", "Cosh", "Elu", "Erf", "Exp", "Expm1"],
  ...["Floor", "Log", "Log1p", "Reciprocal", "Relu6", "Round", "Rsqrt", "Selu", "Sigmoid", "Sin", "Sinh"],
  ...["Softplus", "Sqrt", "Tan", "Tanh"],
];
const unaryOfNumbers = ["Abs", "Neg", "Relu", "Sign", "Square"];
const unaryOfAll = ["IsFinite", "IsInf", "IsNan", "LogicalNot", "OnesLike", "ZerosLike"];

const binaryOfFloats = ["Atan2", "EluGrad", "Mod", "Pow", "Prelu", "RealDiv", "ReluGrad"];
const binaryOfNumbers = ["Add", "FloorDiv", "Maximum", "Minimum", "Multiply", "SquaredDifference", "Sub"];
const binaryOfAll = [
  ...["Equal", "Greater", "GreaterEqual", "Less", "LessEqual", "LogicalAnd", "LogicalOr", "LogicalXor", "NotEqual"],
];

/** Element by element, over one tensor or two. */
export const elementwise: readonly TorchKernel[] = [
  ...unaryOfFloats.map((name) => unary(name, allFloat)),
  ...unaryOfNumbers.map((name) => unary(name, allNumeric)),
  ...unaryOfAll.map((name) => unary(name)),
  ...binaryOfFloats.map((name) => binary(name, allFloat)),
  ...binaryOfNumbers.map((name) => binary(name, allNumeric)),
  ...binaryOfAll.map((name) => binary(name)),
  {
    name: "LeakyRelu",
    when: allFloat,
    run: (backend, { x }, { alpha }) => backend.runOne("LeakyRelu", [x], [], [alpha as number]),
  },
  {
    name: "Step",
    when: allFloat,
    run: (backend, { x }, { alpha }) => backend.runOne("Step", [x], [], [alpha as number]),
  },
  {
    name: "ClipByValue",
    when: allFloat,
    run: (backend, { x }, { clipValueMin, clipValueMax }) =>
      backend.runOne("ClipByValue", [x], [], [clipValueMin as number, clipValueMax as number]),
  },
  {
    name: "Select",
    when: ({ condition, t, e }) => condition?.dtype === "bool" && t?.dtype === e?.dtype,
    run: (backend, { condition, t, e }) => backend.runOne("Select", [condition, t, e]),
  },
  {
    name: "AddN",
    when: (inputs) => Object.keys(inputs).length > 1 && allNumeric(inputs),
    run: (backend, inputs) => backend.runOne("AddN", Object.values(inputs)),
  },
  { name: "Cast", when: castsNatively, run: cast },
];

function unary(name: string, when?: TorchKernel["when"]): TorchKernel {
  return { name, ...(when && { when }), run: (backend, inputs) => backend.runOne(name, [inputs["x"]]) };
}

function binary(name: string, when?: TorchKernel["when"]): TorchKernel {
  const [first, second] = name === "EluGrad" ? ["dy", "y"] : name === "Prelu" ? ["x", "alpha"] : ["a", "b"];
  return {
    name,
    ...(when && { when }),
    run: (backend, inputs) => backend.runOne(name, [inputs[first], inputs[second]]),
  };
}

const casts: Readonly<Record<string, string>> = { float32: "CastToFloat32", int32: "CastToInt32", bool: "CastToBool" };

function castsNatively(_: Inputs, { dtype }: NamedAttrMap): boolean {
  return casts[dtype as string] !== undefined;
}

function cast(...[backend, { x }, { dtype }]: Parameters<TorchKernel["run"]>): TensorInfo {
  const tensor = x as TensorInfo;
  return tensor.dtype === dtype ? backend.share(tensor) : backend.runOne(casts[dtype as string] as string, [tensor]);
}
