import * as tf from "@tensorflow/tfjs-core";
import type { DataType, NamedTensorMap, Tensor } from "@tensorflow/tfjs-core";
import { isNativeType, type NativeType, typedValues } from "../data";
import { loadAddon } from "../native";

/** The collectives on tensors, and their native codes. */
const codes = { AllReduce: 0, Broadcast: 1 };

type Collective = keyof typeof codes;

/** Runs a collective on tensors of whatever backend: on torch's as a kernel, on others' by way of their values. */
export function collect(name: Collective, tensors: readonly Tensor[], what: string): Tensor[] {
  for (const { dtype } of tensors) {
    const right = name === "AllReduce" ? dtype === "float32" : isNativeType(dtype);
    if (!right) throw new Error(`${name} (${what}): got a tensor of type ${dtype}, want ${wantedTypes(name)}`);
  }
  if (tf.getBackend() !== "torch") return collectValues(name, tensors, what);
  const inputs: NamedTensorMap = {};
  tensors.forEach((tensor, i) => {
    inputs[`tensor${i}`] = tensor;
  });
  return tf.engine().runKernel(name, inputs, { count: tensors.length, what }) as unknown as Tensor[];
}

function collectValues(name: Collective, tensors: readonly Tensor[], what: string): Tensor[] {
  // eslint-disable-next-line no-restricted-syntax -- other processes take them from the host's memory
  const values = tensors.map((tensor) => typedValues(tensor.dataSync(), tensor.dtype as NativeType));
  return loadAddon()
    .collectHostValues(codes[name], what, values)
    .map((result, i) => {
      const { shape, dtype } = tensors[i] as Tensor;
      return tf.tensor(result, shape, dtype as DataType);
    });
}

function wantedTypes(name: Collective): string {
  return name === "AllReduce" ? "float32" : "float32, int32 or bool";
}
