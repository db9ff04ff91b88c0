import { normal, type WeightAttack } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import type { Variable } from "@tensorflow/tfjs-core";
import { perturbationAlong } from "./perturbation-along";
import { requireWeightBall, type WeightBall } from "./weight-ball";

/**
 * A random perturbation on the sphere of the {@link WeightBall}: `v = gamma · ‖w‖ · d / ‖d‖` with d ~ N(0, 1), whatever
 * the loss. It costs no pass.
 *
 * A parameter's direction depends on its place among the weights and on `random`, which has no rows. The caller
 * disposes the perturbation.
 *
 * @example
 * const training = train({ ...settings, weightAttack: randomWeightPerturbation({ gamma: 0.01 }) });
 * @throws ArgumentError for an option out of range; AwpError for weights that are displaced already.
 * @see Wu, Xia, Wang 2020, arXiv:2004.05884, section 4.3, where it is what AWP is compared with
 */
export function randomWeightPerturbation(options: WeightBall): WeightAttack {
  requireWeightBall(options);

  return (weights, _loss, random) => {
    requireArgument(random.rows === undefined, "random", "one with rows", "one without, as weights have no examples");
    const places = new Map([...weights.keys()].map((name, place) => [name, place]));
    const draw = (name: string) =>
      normal(random.fold(places.get(name) as number), (weights.get(name) as Variable).shape);
    return perturbationAlong(weights, draw, options);
  };
}
