import { normal, type Parameters, type Random } from "@awp/core";
import { requireArgument, requireChoice } from "@awp/core/authoring";
import type { Variable } from "@tensorflow/tfjs-core";
import { type Direction, directionOf } from "./direction";
import { described, type NormalizationOptions, normalizations, normalized } from "./normalization";

/**
 * A random Gaussian direction with the lengths of the weights' filters: what the paper draws its landscapes along. Biases
 * and normalisation layers stay where they are unless a predicate says otherwise. The caller disposes it.
 *
 * A parameter's numbers depend on its place among the parameters and on `random`, which has no rows.
 *
 * @example
 * const direction = randomDirection(network.parameters, random(0));
 * direction.dispose();
 * @throws ArgumentError for an unknown normalization or a predicate that chooses nothing; AwpError for weights that are
 * displaced.
 * @see Li et al. 2018, arXiv:1712.09913; Wu, Xia, Wang 2020, arXiv:2004.05884
 */
export function randomDirection(
  parameters: Parameters,
  random: Random,
  { normalization = "filter", predicate }: NormalizationOptions = {},
): Direction {
  requireChoice("normalization", normalization, normalizations);
  requireArgument(random.rows === undefined, "random", "one with rows", "one without, as weights have no examples");
  const places = new Map([...parameters.keys()].map((name, place) => [name, place]));
  const draw = (name: string) =>
    normal(random.fold(places.get(name) as number), (parameters.get(name) as Variable).shape);
  return directionOf(normalized(draw, parameters, { normalization, predicate }), described("random", normalization));
}
