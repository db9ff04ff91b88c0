import type { NamedTensors, Parameters } from "@awp/core";
import { requireArgument, requireChoice, requireShape } from "@awp/core/authoring";
import { type Directions, isKernel, type ParameterPredicate, perturbationAlong } from "@awp/perturb";
import * as tf from "@tensorflow/tfjs-core";
import { type Direction, directionOf } from "./direction";

/**
 * What gives a direction its length.
 *
 * - `"filter"`: each output filter of a convolution and each row of weights of an output of a dense layer, the last axis
 *   in TensorFlow.js's layouts, gets the norm of the weights' own: ‖d_lj‖ = ‖w_lj‖.
 * - `"layer"`: each parameter gets the norm of its weights.
 * - `"none"`: it stays as it is.
 */
export type Normalization = "filter" | "layer" | "none";

export const normalizations: readonly Normalization[] = ["filter", "layer", "none"];

export interface NormalizationOptions {
  /** @default "filter" */
  readonly normalization?: Normalization;
  /** Which parameters move. @default those of rank > 1: kernels, neither biases nor normalisation layers */
  readonly predicate?: ParameterPredicate;
}

export interface NormalizedDirectionOptions extends NormalizationOptions {
  /** What the direction is, in words. @default "given" */
  readonly description?: string;
}

/**
 * The same direction with the lengths of the weights, of which α then is a share: at α = 1 each filter, or layer, is as
 * far from its place as that is from 0. Networks whose filters are multiplied and divided so that the function stays the
 * same then have the same landscape. A new direction, which the caller disposes; `deltas` stay the caller's.
 *
 * @example
 * const loss = () => mean(crossEntropy(network.forward(images, "eval"), labels));
 * const { gradients } = parameterGradients(loss, network.parameters);
 * const direction = normalizedDirection(gradients, network.parameters, { description: "gradient" });
 * @throws ArgumentError for an unknown normalization, a delta of another shape than its parameter, or if no parameter
 * that moves has one; AwpError for weights that are displaced.
 * @see Li et al. 2018, arXiv:1712.09913
 */
export function normalizedDirection(
  deltas: NamedTensors,
  parameters: Parameters,
  { normalization = "filter", predicate, description = "given" }: NormalizedDirectionOptions = {},
): Direction {
  requireChoice("normalization", normalization, normalizations);
  return directionOf(
    normalized(deltas, parameters, { normalization, predicate }),
    described(description, normalization),
  );
}

/** The deltas of {@link normalizedDirection}, of directions that may be drawn one by one. */
export function normalized(
  directions: Directions,
  parameters: Parameters,
  {
    normalization,
    predicate,
  }: { readonly normalization: Normalization; readonly predicate: ParameterPredicate | undefined },
): NamedTensors {
  const chosen = predicate ?? isKernel;
  if (normalization !== "none") {
    return perturbationAlong(parameters, directions, { gamma: 1, scaling: normalization, predicate: chosen }).deltas;
  }
  const directionFor = typeof directions === "function" ? directions : (name: string) => directions.get(name);
  const names: string[] = [];
  const deltas = tf.tidy(() =>
    [...parameters].flatMap(([name, parameter]) => {
      const direction = chosen(name, parameter) ? directionFor(name) : undefined;
      if (direction === undefined) return [];
      requireShape(`deltas[${JSON.stringify(name)}]`, direction, parameter.shape, "the shape of the parameter");
      names.push(name);
      return [tf.clone(direction)];
    }),
  );
  requireArgument(
    names.length > 0,
    "deltas",
    "none for any parameter that moves",
    "one under a name of the parameters",
  );
  return new Map(names.map((name, k) => [name, deltas[k] as tf.Tensor]));
}

/** The words for a direction that has been normalised. */
export function described(description: string, normalization: Normalization): string {
  return normalization === "none" ? description : `${description}, ${normalization}-normalised`;
}
