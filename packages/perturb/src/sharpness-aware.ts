import { parameterGradients, type WeightAttack } from "@awp/core";
import { requireNonNegative, requireNonNegativeScalar } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Variable } from "@tensorflow/tfjs-core";
import { divisor, groupNorms, normsByName } from "./group-norm";
import { mapTensors, tidyTensors } from "./named-tensors";
import { requireUnperturbed } from "./perturbed";
import { chosenBy, type ParameterPredicate } from "./weight-ball";
import { weightPerturbation } from "./weight-perturbation";

export interface SamOptions {
  /** Length of v over all parameters at once, whatever the weights' own; a scalar tensor lets it change in a recorded step. */
  readonly rho: number | Scalar;
  /** Which parameters move. @default all, biases and normalisation layers too, as in the authors' code */
  readonly predicate?: ParameterPredicate;
}

export interface AsamOptions extends SamOptions {
  /** Added to the absolute value of each weight, so that one at 0 moves too; the authors' is 0.01. @default 0.01 */
  readonly eta?: number;
  /**
   * Which parameters' gradients are scaled by |w| + eta; the others' stay as they are.
   *
   * @default all but biases, whose names end in `bias` or `beta`
   */
  readonly adaptive?: ParameterPredicate;
}

/**
 * Sharpness-Aware Minimization: `v = rho · g / ‖g‖` with g the gradient of the loss, the norm over all parameters
 * together, and 0 where g is 0. It costs one pass forward and backward, beside the one at w + v.
 *
 * Unlike AWP's, its length does not grow with the weights. With rho 0 v is empty and costs nothing. The caller disposes it.
 *
 * @example
 * const training = train({ ...settings, weightAttack: sam({ rho: 0.05 }) });
 * @throws ArgumentError for an option out of range; AwpError for weights that are displaced already.
 * @see Foret et al. 2020, arXiv:2010.01412
 */
export function sam({ rho, predicate = () => true }: SamOptions): WeightAttack {
  requireNonNegativeScalar("rho", rho);
  return steepest(rho, predicate, (tensor) => tensor);
}

/**
 * Adaptive Sharpness-Aware Minimization: `v = rho · T² g / ‖T g‖` with T = |w| + eta for each weight and 1 for each bias,
 * the norm over all parameters together. It costs one pass forward and backward, beside the one at w + v.
 *
 * With eta 0 the loss at w + v stays the same if one layer is multiplied and another divided such that the network stays
 * the same. With rho 0 v is empty and costs nothing. The caller disposes it.
 *
 * @example
 * const training = train({ ...settings, weightAttack: asam({ rho: 0.5, eta: 0.01 }) });
 * @throws ArgumentError for an option out of range; AwpError for weights that are displaced already.
 * @see Kwon et al. 2021, arXiv:2102.11600
 */
export function asam(options: AsamOptions): WeightAttack {
  const { rho, eta = 0.01, predicate = () => true, adaptive = isNoBias } = options;
  requireNonNegativeScalar("rho", rho);
  requireNonNegative("eta", eta);
  return steepest(rho, predicate, (tensor, name, parameter) =>
    adaptive(name, parameter) ? tf.mul(tensor, tf.add(tf.abs(parameter), eta)) : tensor,
  );
}

/** The steepest ascent of length rho where lengths are measured after division by T; `scaled` multiplies by T. */
function steepest(
  rho: number | Scalar,
  predicate: ParameterPredicate,
  scaled: (tensor: Tensor, name: string, parameter: Variable) => Tensor,
): WeightAttack {
  return (weights, loss) => {
    requireUnperturbed(weights);
    if (rho === 0) return weightPerturbation(new Map());
    const chosen = chosenBy(predicate, weights);
    const byT = (tensor: Tensor, name: string): Tensor => scaled(tensor, name, chosen.get(name) as Variable);
    const deltas = tidyTensors(() => {
      const directions = mapTensors(parameterGradients(loss, chosen).gradients, byT);
      const lengths = normsByName(groupNorms(directions, "global"), directions, "global");
      return mapTensors(directions, (direction, name) => {
        const unit = tf.div(direction, divisor(lengths.get(name) as Tensor));
        return byT(tf.mul(unit, rho), name);
      });
    });
    return weightPerturbation(deltas);
  };
}

function isNoBias(name: string): boolean {
  return !/(bias|beta)$/.test(name);
}
