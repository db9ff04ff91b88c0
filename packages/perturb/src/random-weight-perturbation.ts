import { normal, type WeightAttack } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import { groupNorms } from "./group-norm";
import { tidyTensors } from "./named-tensors";
import { moving, requireWeightBall, rescaled, type WeightBall } from "./weight-ball";
import { weightPerturbation } from "./weight-perturbation";

/**
 * A random perturbation on the sphere of the {@link WeightBall}: `v = gamma · ‖w‖ · d / ‖d‖` with d ~ N(0, 1), whatever
 * the loss.
 *
 * A parameter's direction depends on its place among the weights and on `random`, which has no rows. The caller
 * disposes the perturbation.
 *
 * @throws ArgumentError for an option out of range.
 */
export function randomWeightPerturbation(options: WeightBall): WeightAttack {
  const { gamma, scaling = "layer" } = options;
  requireWeightBall(options);

  return (weights, _loss, random) => {
    requireArgument(random.rows === undefined, "random", "one with rows", "one without, as weights have no examples");
    if (gamma === 0) return weightPerturbation(new Map());
    const chosen = moving(weights, options);
    const places = new Map([...weights.keys()].map((name, place) => [name, place]));
    const deltas = tidyTensors(() => {
      const directions = [...chosen].map(
        ([name, { shape }]) => [name, normal(random.fold(places.get(name) as number), shape)] as const,
      );
      return rescaled(new Map(directions), groupNorms(chosen, scaling), gamma, scaling);
    });
    return weightPerturbation(deltas);
  };
}
