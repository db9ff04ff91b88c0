import type { Loss, Parameters, Random, WeightAttack } from "@awp/core";
import type { ParameterPredicate } from "@awp/perturb";
import { type Direction } from "./direction";
import { type Normalization, normalizedDirection } from "./normalization";

export interface AwpDirectionOptions {
  /** What gives it its length; as a share of each layer's norm α is AWP's γ. @default "layer" */
  readonly normalization?: Normalization;
  /** Which parameters move, of those that the weight attack moves. @default those of rank > 1 */
  readonly predicate?: ParameterPredicate;
}

/**
 * The direction that a weight attack finds: with `awp({ gamma })` of `@awp/perturb`, of whatever gamma, the one along
 * which AWP displaces the weights, so that α = 0.01 is where it trains. The caller disposes it.
 *
 * `loss` is the mean loss on adversarial images that stay as they are, in a mode that moves no statistics.
 *
 * @example
 * const loss = () => mean(crossEntropy(network.forward(adversarial, "eval"), labels));
 * const direction = awpDirection(network.parameters, awp({ gamma: 0.01 }), loss, random(0));
 *
 * @throws ArgumentError for an unknown normalization, or if the weight attack moves nothing; AwpError for weights that are
 * displaced.
 */
export function awpDirection(
  parameters: Parameters,
  weightAttack: WeightAttack,
  loss: Loss,
  random: Random,
  { normalization = "layer", predicate }: AwpDirectionOptions = {},
): Direction {
  const found = weightAttack(parameters, loss, random);
  try {
    return normalizedDirection(found.deltas, parameters, {
      normalization,
      ...(predicate && { predicate }),
      description: "AWP",
    });
  } finally {
    found.dispose();
  }
}
