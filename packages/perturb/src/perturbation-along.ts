import type { NamedTensors, Parameters, WeightPerturbation } from "@awp/core";
import { requireArgument, requireShape } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { tidyTensors } from "./named-tensors";
import { requireUnperturbed } from "./perturbed";
import { boxed, placed, rescaled } from "./placed-ball";
import { requireWeightBall, type WeightBall } from "./weight-ball";
import { weightPerturbation } from "./weight-perturbation";

/** A direction for each parameter, by the parameter's name; what is missing counts as zero. */
export type Directions = NamedTensors | ((name: string) => Tensor | undefined);

/**
 * A perturbation along directions that are there already: `v = gamma · ‖w‖ · d / ‖d‖` per layer, then within the box, and
 * 0 where d is 0. It costs no pass, as there is no loss to differentiate.
 *
 * Along the gradient of the loss at w it is {@link awp} of one step. Any other gradient will do, say that of the last
 * step, or an optimizer's first moment. A function of the name is called inside a `tf.tidy`, for each parameter that
 * moves, so that it may compute. The directions stay the caller's, who disposes the perturbation too.
 *
 * @example
 * // Along the momentum that SGD is about to have; with 0 in the place of 0.9 it is AWP.
 * const loss = () => mean(crossEntropy(network.forward(adversarial, "train-frozen"), labels));
 * const { gradients } = parameterGradients(loss, network.parameters);
 * const perturbation = perturbationAlong(
 *   network.parameters,
 *   (name) => tf.add(gradients.get(name)!, tf.mul(0.9, optimizer.state.get(`momentum.${name}`)!)),
 *   { gamma: 0.01 },
 * );
 * @throws ArgumentError for an option out of range, a direction of another shape than its parameter, or if no parameter
 * that moves has a direction; AwpError for weights that are displaced already.
 */
export function perturbationAlong(weights: Parameters, directions: Directions, ball: WeightBall): WeightPerturbation {
  requireWeightBall(ball);
  requireUnperturbed(weights);
  const directionOf = typeof directions === "function" ? directions : (name: string) => directions.get(name);

  const deltas = tidyTensors(() => {
    const around = placed(weights, ball);
    const { chosen } = around;
    if (chosen.size === 0) return new Map();
    const given = [...chosen.keys()].map((name) => [name, directionOf(name)] as const);
    requireArgument(
      given.some(([, direction]) => direction !== undefined),
      "directions",
      "none for any parameter that moves",
      `one under a name as ${JSON.stringify(given[0]?.[0])}`,
    );
    const along = given.map(([name, direction]): [string, Tensor] => {
      const parameter = chosen.get(name) as Tensor;
      if (direction === undefined) return [name, tf.zerosLike(parameter)];
      requireShape(`directions(${JSON.stringify(name)})`, direction, parameter.shape, "the shape of the parameter");
      return [name, direction];
    });
    return boxed(rescaled(new Map(along), around.radii, around), around);
  });
  return weightPerturbation(deltas);
}
