import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import type { TorchData } from "../data";
import type { DataStore } from "./data-store";

/** The variables whose values are native. */
export function nativeVariables(store: DataStore): Variable[] {
  return Object.values(tf.engine().registeredVariables).filter(({ dataId }) => store.holds(dataId));
}

/**
 * The data of a variable, which nothing else holds: a recorded step changes what it holds. Tensors and variables that
 * shared it keep the old data, with its values.
 */
export function ownData(store: DataStore, variable: Variable): TorchData {
  if (variable.isDisposed) throw new Error(`compileStep: the variable ${variable.name} has been disposed`);
  const data = store.nativeData(variable);
  if (data.refCount === 1) return data;
  const copy = store.copy(variable);
  tf.tidy(() => variable.assign(tf.engine().makeTensorFromTensorInfo(copy)));
  return copy.dataId as TorchData;
}

/**
 * Refuses a variable among the inputs that the step assigns: read after that it would hold the new value in a call that
 * runs as it is, and the old one in a recording.
 */
export function requireNotAssigned(inputs: readonly Tensor[], assigned: ReadonlySet<Variable>): void {
  for (const variable of assigned) {
    if (!inputs.includes(variable)) continue;
    throw new Error(
      `compileStep: the step assigns its input, the variable ${variable.name}: pass a clone, or read it from outside`,
    );
  }
}
