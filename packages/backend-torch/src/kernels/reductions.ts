import * as tf from "@tensorflow/tfjs-core";
import type { NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import { allFloat, type Inputs, list, type TorchKernel } from "./torch-kernel";

/** Reductions over axes, and what works along one axis. */
export const reductions: readonly TorchKernel[] = [
  reduction("Sum", "axis"),
  reduction("Mean", "axis"),
  reduction("Max", "reductionIndices", notBool),
  reduction("Min", "axis", notBool),
  reduction("Prod", "axis"),
  reduction("All", "axis", isBool),
  reduction("Any", "axis", isBool),
  alongAxis("ArgMax", "axis"),
  alongAxis("ArgMin", "axis"),
  {
    name: "Softmax",
    when: (inputs) => allFloat(inputs) && inputs["logits"]?.shape.length !== 0,
    run: (backend, { logits }, { dim }) => backend.runOne("Softmax", [logits], [dim as number]),
  },
  {
    name: "Cumsum",
    when: (inputs) => notBool(inputs) && notEmpty(inputs),
    run: (backend, { x }, { axis, exclusive, reverse }) =>
      backend.runOne("Cumsum", [x], [axis as number, Number(exclusive), Number(reverse)]),
  },
  {
    name: "TopK",
    when: (inputs, { k }) => notBool(inputs) && notEmpty(inputs) && (k as number) > 0,
    run: (backend, { x }, { k }) => backend.run("TopK", [x], [k as number]),
  },
];

function reduction(name: string, attribute: string, accepts: (inputs: Inputs) => boolean = () => true): TorchKernel {
  return {
    name,
    when: (inputs) => accepts(inputs) && notEmpty(inputs),
    run: (backend, { x }, attributes) => {
      const tensor = x as TensorInfo;
      const axes = tf.util.parseAxisParam(attributes[attribute] as number | number[], tensor.shape);
      return backend.runOne(name, [tensor], [...list(axes), Number(attributes["keepDims"] ?? false)]);
    },
  };
}

function alongAxis(name: string, attribute: string): TorchKernel {
  return {
    name,
    when: (inputs: Inputs, attributes: NamedAttrMap) =>
      notEmpty(inputs) && axesOf(inputs, attributes[attribute]).length === 1,
    run: (backend, inputs, attributes) =>
      backend.runOne(name, [inputs["x"]], axesOf(inputs, attributes[attribute]).slice(0, 1)),
  };
}

function axesOf({ x }: Inputs, axis: unknown): number[] {
  return tf.util.parseAxisParam(axis as number | number[], (x as TensorInfo).shape);
}

/** torch refuses to reduce nothing where there is no neutral element. */
function notEmpty({ x }: Inputs): boolean {
  return tf.util.sizeFromShape((x as TensorInfo).shape) > 0;
}

function notBool({ x }: Inputs): boolean {
  return x?.dtype !== "bool";
}

function isBool({ x }: Inputs): boolean {
  return x?.dtype === "bool";
}
