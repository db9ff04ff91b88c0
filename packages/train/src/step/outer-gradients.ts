import {
  type Loss,
  type LossGradients,
  type Mode,
  type NamedTensors,
  parameterGradients,
  type Random,
} from "@awp/core";
import { withPerturbation } from "@awp/perturb";
import type { Scalar } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { clipped } from "./clip";
import type { TrainStepOptions } from "./step-options";

/**
 * The outer loss and its gradients at the weights that the weight attack finds, clipped, weight decay among them unless it
 * is taken at w; the weights are back where they were.
 *
 * `others` are further tensors to differentiate by, under names that no parameter has.
 */
export type OuterGradients = (
  lossIn: (mode: Mode) => Loss,
  random: Random,
  weightAttackActive: boolean,
  others?: NamedTensors,
) => LossGradients;

export function outerGradients(options: TrainStepOptions): OuterGradients {
  const { network, optimizer, weightAttack, decayAt = "perturbed", clip } = options;
  const { parameters } = network;

  return (lossIn, random, weightAttackActive, others = new Map()) => {
    const descent = (): LossGradients => {
      const { loss, gradients } = parameterGradients(lossIn("train"), new Map([...parameters, ...others]));
      const own = new Map([...gradients].filter(([name]) => parameters.has(name)));
      const bounded = clip === undefined ? own : replaced(own, clipped(own, clip));
      const decayed = decayAt === "clean" ? bounded : replaced(bounded, optimizer.decay(parameters, bounded));
      return { loss, gradients: new Map([...gradients, ...decayed]) };
    };
    const perturbation = weightAttackActive ? weightAttack?.(parameters, lossIn("train-frozen"), random) : undefined;
    if (perturbation === undefined) return descent();
    try {
      return withPerturbation(parameters, perturbation, descent);
    } finally {
      perturbation.dispose();
    }
  };
}

/** The new tensors; the old ones are freed. */
function replaced(old: NamedTensors, by: NamedTensors): NamedTensors {
  tf.dispose([...old.values()]);
  return by;
}

/** `tf.tidy`, which does not look into maps. */
export function tidied(body: () => LossGradients): LossGradients {
  let names: string[] = [];
  const [loss, ...tensors] = tf.tidy(() => {
    const { loss: value, gradients } = body();
    names = [...gradients.keys()];
    return [value, ...gradients.values()];
  });
  return { loss: loss as Scalar, gradients: new Map(names.map((name, index) => [name, tensors[index] as tf.Tensor])) };
}
