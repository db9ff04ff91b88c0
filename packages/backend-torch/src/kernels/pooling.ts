import * as tf from "@tensorflow/tfjs-core";
import type { NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import { allFloat, type Inputs, list, type TorchKernel } from "./torch-kernel";

/** Pooling and its gradients, on [batch, height, width, channels]. */
export const pooling: readonly TorchKernel[] = [
  forward("MaxPool"),
  forward("AvgPool"),
  {
    name: "MaxPoolGrad",
    when: native,
    run: (backend, inputs, attributes) =>
      backend.runOne("MaxPoolGrad", [inputs["dy"], inputs["input"]], pool(inputs, attributes)),
  },
  {
    name: "AvgPoolGrad",
    when: native,
    run: (backend, inputs, attributes) =>
      backend.runOne("AvgPoolGrad", [inputs["dy"], inputs["input"]], pool(inputs, attributes)),
  },
];

function forward(name: string): TorchKernel {
  return {
    name,
    when: native,
    run: (backend, inputs, attributes) => backend.runOne(name, [inputs["x"]], pool(inputs, attributes)),
  };
}

function geometry(inputs: Inputs, attributes: NamedAttrMap) {
  return tf.backend_util.computePool2DInfo(
    ((inputs["x"] ?? inputs["input"]) as TensorInfo).shape as [number, number, number, number],
    attributes["filterSize"] as number,
    attributes["strides"] as number,
    1,
    attributes["pad"] as "same",
    attributes["dimRoundingMode"] as "floor",
  );
}

function pool(inputs: Inputs, attributes: NamedAttrMap): number[] {
  const { strideHeight, strideWidth, padInfo, filterHeight, filterWidth } = geometry(inputs, attributes);
  const { top, bottom, left, right } = padInfo;
  return [...list([strideHeight, strideWidth, 1, 1, top, bottom, left, right]), ...list([filterHeight, filterWidth])];
}

/** Float32, nothing empty, and the output size that torch would compute too. */
function native(inputs: Inputs, attributes: NamedAttrMap): boolean {
  const { shape } = (inputs["x"] ?? inputs["input"]) as TensorInfo;
  if (!allFloat(inputs) || shape.length !== 4 || shape.includes(0)) return false;
  const { inHeight, inWidth, outHeight, outWidth, ...info } = geometry(inputs, attributes);
  const { top, bottom, left, right } = info.padInfo;
  const height = Math.floor((inHeight + top + bottom - info.filterHeight) / info.strideHeight) + 1;
  const width = Math.floor((inWidth + left + right - info.filterWidth) / info.strideWidth) + 1;
  // A window that lies in the padding alone has no maximum and no mean.
  const touches = Math.max(top, bottom) < info.filterHeight && Math.max(left, right) < info.filterWidth;
  return touches && height === outHeight && width === outWidth && height > 0 && width > 0;
}
