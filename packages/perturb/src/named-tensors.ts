import type { NamedTensors } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";

/** `tf.tidy`, which does not look into maps, for a map of tensors. */
export function tidyTensors(body: () => NamedTensors): NamedTensors {
  let names: string[] = [];
  const tensors = tf.tidy(() => {
    const named = body();
    names = [...named.keys()];
    return [...named.values()];
  });
  return new Map(names.map((name, k) => [name, tensors[k] as Tensor]));
}

/** A map of new tensors under the same names; what `f` creates on the way is freed. */
export function mapTensors<T extends Tensor>(
  tensors: ReadonlyMap<string, T>,
  f: (tensor: T, name: string) => Tensor,
): NamedTensors {
  return new Map([...tensors].map(([name, tensor]) => [name, tf.tidy(() => f(tensor, name))]));
}
