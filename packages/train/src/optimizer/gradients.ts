import type { NamedTensors, Parameters } from "@awp/core";
import { addScaled } from "@awp/core/authoring";
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
  let names: string[] = [];
  const results = tf.tidy(() => {
    const slots = [...parameters].map(([name, weight]) => ({
      name,
      base: gradientOf(gradients, name, weight),
      addend: weight,
      factor: strengthOf(name, weight),
    }));
    const [decaying, others] = [slots.filter(({ factor }) => factor !== 0), slots.filter(({ factor }) => factor === 0)];
    names = [...decaying, ...others].map(({ name }) => name);
    return [...addScaled(decaying), ...others.map(({ base }) => tf.clone(base))];
  });
  const byName = new Map(names.map((name, i) => [name, results[i] as Tensor]));
  return new Map([...parameters.keys()].map((name) => [name, byName.get(name) as Tensor]));
}
