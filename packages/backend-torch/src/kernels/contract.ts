import type { KernelName, Kernels } from "@awp/core/authoring";
import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core";
import type { TorchBackend } from "../backend";
import { list, type TorchKernel } from "./torch-kernel";

/** What a kernel of the contract is given: its tensors as tfjs hands them to a backend. */
type Inputs<Name extends KernelName> = {
  readonly [Input in keyof Kernels[Name]["inputs"]]: Kernels[Name]["inputs"][Input] extends Tensor
    ? TensorInfo
    : TensorInfo | undefined;
};

/** One tensor or several, as the contract has it. */
type Output<Name extends KernelName> = Kernels[Name]["output"] extends Tensor ? TensorInfo : TensorInfo[];

type Run<Name extends KernelName> = (
  backend: TorchBackend,
  inputs: Inputs<Name>,
  attributes: Kernels[Name]["attributes"],
) => Output<Name>;

/** Every kernel of @awp/core's contract, natively: one that is missing here, or called otherwise, does not compile. */
const runs: { readonly [Name in KernelName]: Run<Name> } = {
  AddScaled: (backend, inputs, { factors }) => {
    const count = factors.length;
    const tensors = [...numbered(inputs, "base", count), ...numbered(inputs, "addend", count)];
    return backend.run("AddScaled", tensors, [count], factors);
  },
  AllReduce: (backend, inputs, { count, what }) =>
    backend.run("AllReduce", numbered(inputs, "tensor", count), [count, ...list(bytesOf(what))]),
  BatchNormTraining: normalize("BatchNormTraining"),
  BatchNormTrainingRelu: normalize("BatchNormTrainingRelu"),
  BatchNormTrainingGrad: (backend, { dy, x, scale, mean, variance }, { epsilon }) =>
    backend.run("BatchNormTrainingGrad", [dy, x, scale, mean, variance, undefined], [], [epsilon]),
  BatchNormTrainingReluGrad: (backend, { dy, x, scale, mean, variance, y }, { epsilon }) =>
    backend.run("BatchNormTrainingReluGrad", [dy, x, scale, mean, variance, y], [], [epsilon]),
  BoundedSlope: (backend, { slope }, { bound }) => backend.runOne("BoundedSlope", [slope], [], [bound]),
  Broadcast: (backend, inputs, { count, what }) =>
    backend.run("Broadcast", numbered(inputs, "tensor", count), [count, ...list(bytesOf(what))]),
  GroupNorms: (backend, inputs, { count, scaling }) =>
    backend.runOne("GroupNorms", numbered(inputs, "tensor", count), [count, scalings.indexOf(scaling)]),
  GroupRescaled: (backend, inputs, { count, scaling, lengths }) => {
    const tensors = [inputs.norms, ...numbered(inputs, "direction", count)];
    return backend.run("GroupRescaled", tensors, [count, scalings.indexOf(scaling)], lengths);
  },
  MovingAverage: (backend, { average, value }, { momentum, factor }) =>
    backend.runOne("MovingAverage", [average, value], [], [momentum, factor]),
  PhiloxUniform: draw("PhiloxUniform", ({ low, high }) => [low, high]),
  PhiloxNormal: draw("PhiloxNormal", ({ mean, std }) => [mean, std]),
  PhiloxIntegers: draw("PhiloxIntegers", ({ low, high }) => [low, high]),
  SignStep: (backend, { images, gradient, origin }, { length, radius, low, high }) =>
    backend.runOne("SignStep", [images, gradient, origin], [], [length, radius, low, high]),
  SgdUpdate: (backend, inputs, { count, momentum, nesterov }) => {
    const buffered = inputs["buffer0"] !== undefined;
    const all = (role: string) => numbered(inputs, role, count);
    const tensors = [inputs.learningRate, ...all("weight"), ...all("gradient"), ...(buffered ? all("buffer") : [])];
    return backend.run("SgdUpdate", tensors, [count, Number(nesterov), Number(buffered)], [momentum]);
  },
  SparseCrossEntropy: (backend, { logits, labels }) => backend.runOne("SparseCrossEntropy", [logits, labels]),
  SparseCrossEntropyGrad: (backend, { dy, logits, labels }) =>
    backend.runOne("SparseCrossEntropyGrad", [dy, logits, labels]),
};

/** The scalings in the order of their native codes. */
const scalings = ["layer", "filter", "global"];

/** A text as a native kernel reads it. */
function bytesOf(text: string): number[] {
  return [...Buffer.from(text)];
}

/** The tensors of a role by their number. */
function numbered(inputs: Readonly<Record<string, TensorInfo>>, role: string, count: number): TensorInfo[] {
  return Array.from({ length: count }, (_, i) => inputs[`${role}${i}`] as TensorInfo);
}

/** The kernels that @awp/core adds to TensorFlow.js. */
export const contract: readonly TorchKernel[] = Object.entries(runs).map(([name, run]) => ({
  name,
  run: run as unknown as TorchKernel["run"],
}));

function normalize(name: "BatchNormTraining" | "BatchNormTrainingRelu"): Run<typeof name> {
  return (backend, { x, scale, offset, runningMean, runningVariance }, { epsilon, momentum = 0, unbias = 1 }) =>
    backend.run(name, [x, scale, offset, runningMean, runningVariance], [], [epsilon, momentum, unbias]);
}

function draw<Name extends "PhiloxUniform" | "PhiloxNormal" | "PhiloxIntegers">(
  name: Name,
  parameters: (attributes: Kernels[Name]["attributes"]) => number[],
): (
  backend: TorchBackend,
  inputs: { readonly key: TensorInfo; readonly rows?: TensorInfo | undefined },
  attributes: Kernels[Name]["attributes"],
) => TensorInfo {
  return (backend, { key, rows }, attributes) => {
    const { shape, stream } = attributes;
    return backend.runOne(name, [key, rows], [...list(shape), ...stream], parameters(attributes));
  };
}
