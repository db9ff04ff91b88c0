import type { NamedTensors, Parameters } from "@awp/core";
import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { WeightDecay } from "./weight-decay";

/** A parameter's gradient; a missing one is zero. */
export function gradientOf(gradients: NamedTensors, name: string, weight: Variable): Tensor {
  return gradients.get(name) ?? tf.zerosLike(weight);
}

/** g + λ·w of every parameter, as new tensors. */
export function withDecay(
  parameters: Parameters,
  gradients: NamedTensors,
  strengthOf: WeightDecay["strengthOf"],
): NamedTensors {
  return new Map(
    [...parameters].map(([name, weight]) => [
      name,
      tf.tidy(() => {
        const gradient = gradientOf(gradients, name, weight);
        const strength = strengthOf(name, weight);
        return strength === 0 ? tf.clone(gradient) : tf.add(gradient, tf.mul(weight, strength));
      }),
    ]),
  );
}
