import type { NamedTensors, Parameters } from "@awp/core";
import { requireArgument, requireChoice, requireNonNegativeScalar } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Variable } from "@tensorflow/tfjs-core";
import { divisor, groupNorms, type Scaling } from "./group-norm";
import { mapTensors } from "./named-tensors";

/** The ball around the weights in which a perturbation lies: `‖v‖ ≤ gamma · ‖w‖` for each group that `scaling` names. */
export interface WeightBall {
  /** Radius relative to the norm of the weights; a scalar tensor or variable lets it change in a recorded step. */
  readonly gamma: number | Scalar;
  /** @default "layer" */
  readonly scaling?: Scaling;
  /** Which parameters move. @default those of rank > 1: kernels, neither biases nor normalisation layers */
  readonly predicate?: (name: string, parameter: Variable) => boolean;
}

const scalings: readonly Scaling[] = ["layer", "filter", "global"];

/** Throws an `ArgumentError` unless gamma is a radius and the scaling known. */
export function requireWeightBall({ gamma, scaling = "layer" }: WeightBall): void {
  requireNonNegativeScalar("gamma", gamma);
  requireChoice("scaling", scaling, scalings);
}

/** The parameters that move in the ball. */
export function moving(weights: Parameters, { predicate = isKernel }: WeightBall): Parameters {
  const chosen = new Map([...weights].filter(([name, parameter]) => predicate(name, parameter)));
  requireArgument(chosen.size > 0, "predicate", "no parameter chosen", "one that chooses some of the weights");
  return chosen;
}

/** `factor · ‖w‖ · d / ‖d‖` per group, 0 where d is 0; `norms` are those of w. */
export function rescaled(
  directions: NamedTensors,
  norms: NamedTensors,
  factor: number | Scalar,
  scaling: Scaling,
): NamedTensors {
  const lengths = groupNorms(directions, scaling);
  return mapTensors(directions, (direction, name) =>
    tf.mul(tf.div(direction, divisor(named(lengths, name))), tf.mul(named(norms, name), factor)),
  );
}

/** The nearest point with `‖v‖ ≤ radius · ‖w‖` per group; points of the ball stay exactly as they are. */
export function projected(
  deltas: NamedTensors,
  norms: NamedTensors,
  radius: number | Scalar,
  scaling: Scaling,
): NamedTensors {
  const lengths = groupNorms(deltas, scaling);
  return mapTensors(deltas, (delta, name) => {
    const length = named(lengths, name);
    return tf.mul(delta, tf.minimum(1, tf.div(tf.mul(named(norms, name), radius), divisor(length))));
  });
}

function isKernel(_name: string, parameter: Variable): boolean {
  return parameter.rank > 1;
}

function named(tensors: NamedTensors, name: string): Tensor {
  return tensors.get(name) as Tensor;
}
