import type { NamedTensors, WeightPerturbation } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";

/**
 * A perturbation made of its deltas, which it owns from now on.
 *
 * @example
 * // A weight attack of one's own: a step of 0.01 up the gradient.
 * const uphill: WeightAttack = (weights, loss) => {
 *   const { gradients } = parameterGradients(loss, weights);
 *   return weightPerturbation(new Map([...gradients].map(([name, gradient]) => [name, tf.mul(gradient, 0.01)])));
 * };
 */
export function weightPerturbation(deltas: NamedTensors): WeightPerturbation {
  return { deltas, dispose: () => tf.dispose([...deltas.values()]) };
}
