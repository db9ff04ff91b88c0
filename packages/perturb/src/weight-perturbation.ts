import type { NamedTensors, WeightPerturbation } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";

/** A perturbation made of its deltas, which it owns from now on. */
export function weightPerturbation(deltas: NamedTensors): WeightPerturbation {
  return { deltas, dispose: () => tf.dispose([...deltas.values()]) };
}
