import { type NamedTensors, parameterGradients, type WeightAttack } from "@awp/core";
import { requireCount, requireNonNegativeScalar } from "@awp/core/authoring";
import type { Scalar } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { groupNorms } from "./group-norm";
import { mapTensors, tidyTensors } from "./named-tensors";
import { requireUnperturbed } from "./perturbed";
import { moving, projected, requireWeightBall, rescaled, type WeightBall } from "./weight-ball";
import { weightPerturbation } from "./weight-perturbation";
import { withPerturbation } from "./with-perturbation";

export interface AwpOptions extends WeightBall {
  /** Ascent steps, each a forward and a backward pass. @default 1 */
  readonly steps?: number;
  /**
   * Length of a step relative to the norm of the weights. With the default the first step is one-step AWP, on the
   * sphere, and further ones improve on it: on a convex loss none makes it smaller.
   *
   * @default gamma
   */
  readonly stepSize?: number | Scalar;
}

/**
 * Adversarial Weight Perturbation: `v = gamma · ‖w‖ · g / ‖g‖` per layer, with g the gradient of the loss, and 0 where
 * g is 0.
 *
 * With several steps `v ← Π(v + stepSize · ‖w‖ · g / ‖g‖)`, g taken at w + v and Π the projection onto the
 * {@link WeightBall}. v does not depend on the scale of the loss. With gamma 0 it is empty and costs nothing.
 * The caller disposes the perturbation.
 *
 * @throws ArgumentError for an option out of range; AwpError for weights that are displaced already.
 * @see Wu, Xia, Wang 2020, arXiv:2004.05884
 */
export function awp(options: AwpOptions): WeightAttack {
  const { gamma, steps = 1, stepSize = gamma, scaling = "layer" } = options;
  requireWeightBall(options);
  requireCount("steps", steps);
  requireNonNegativeScalar("stepSize", stepSize);

  return (weights, loss) => {
    requireUnperturbed(weights);
    if (gamma === 0) return weightPerturbation(new Map());
    const chosen = moving(weights, options);

    const ascent = (norms: NamedTensors, length: number | Scalar): NamedTensors =>
      tidyTensors(() => rescaled(parameterGradients(loss, chosen).gradients, norms, length, scaling));

    const climbed = (from: NamedTensors, norms: NamedTensors): NamedTensors =>
      tidyTensors(() => {
        const step = withPerturbation(chosen, weightPerturbation(from), () => ascent(norms, stepSize));
        const moved = mapTensors(from, (delta, name) => tf.add(delta, step.get(name) as tf.Tensor));
        return projected(moved, norms, gamma, scaling);
      });

    const deltas = tidyTensors(() => {
      const norms = groupNorms(chosen, scaling);
      let current = ascent(norms, smaller(stepSize, gamma));
      for (let step = 1; step < steps; step++) {
        const previous = current;
        current = climbed(previous, norms);
        tf.dispose([...previous.values()]);
      }
      return current;
    });
    return weightPerturbation(deltas);
  };
}

function smaller(a: number | Scalar, b: number | Scalar): number | Scalar {
  if (typeof a === "number" && typeof b === "number") return Math.min(a, b);
  return a === b ? a : tf.minimum<Scalar>(a, b);
}
