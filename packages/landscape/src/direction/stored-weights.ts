import { AwpError, type NamedTensors, type Parameters, type StoredTensor } from "@awp/core";
import { fromTorchLayout, requireShape, toFloat32 } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";

/** Weights in TensorFlow.js's layouts by name, or the `entries` of a decoded safetensors file, in PyTorch's. */
export type Weights = NamedTensors | ReadonlyMap<string, StoredTensor>;

/**
 * Those of the weights that are parameters, in TensorFlow.js's layouts; new tensors. `module.` before the names is taken
 * off; running statistics are passed over.
 *
 * @throws ArgumentError for a shape that is not the parameter's; AwpError for a name that the network does not have.
 */
export function parametersIn(weights: Weights, parameters: Parameters, argument: string): NamedTensors {
  const named = unwrapped(weights);
  const unknown = [...named.keys()].filter((name) => !parameters.has(name) && !isStatistic(name));
  if (unknown.length > 0) {
    throw new AwpError(`${argument} does not fit the network, which has no ${unknown.slice(0, 5).join(", ")}`);
  }
  const names: string[] = [];
  const tensors = tf.tidy(() =>
    [...parameters].flatMap(([name, parameter]) => {
      const value = named.get(name);
      if (value === undefined) return [];
      const tensor = isTensor(value) ? tf.clone(value) : decoded(value);
      requireShape(`${argument}[${JSON.stringify(name)}]`, tensor, parameter.shape, "the shape of the parameter");
      names.push(name);
      return [tensor];
    }),
  );
  return new Map(names.map((name, k) => [name, tensors[k] as Tensor]));
}

/** Buffers of batch normalisation by PyTorch's and TensorFlow.js's names. */
function isStatistic(name: string): boolean {
  return /(^|[./])(running_mean|running_var|num_batches_tracked|moving_mean|moving_variance)$/.test(name);
}

function unwrapped(weights: Weights): ReadonlyMap<string, Tensor | StoredTensor> {
  const wrapped = weights.size > 0 && [...weights.keys()].every((name) => name.startsWith("module."));
  return new Map([...weights].map(([name, value]) => [wrapped ? name.slice("module.".length) : name, value]));
}

function isTensor(value: Tensor | StoredTensor): value is Tensor {
  return "dataId" in value;
}

function decoded(entry: StoredTensor): Tensor {
  return fromTorchLayout(tf.tensor(toFloat32(entry).slice(), [...entry.shape], "float32"));
}
