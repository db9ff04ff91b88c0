import { type Loss, type NamedTensors, parameterGradients, type WeightAttack } from "@awp/core";
import { requireArgument, requireChoice, requireCount } from "@awp/core/authoring";
import { type Ascent, ascents } from "./ascent";
import { tidyTensors } from "./named-tensors";
import { requireUnperturbed } from "./perturbed";
import { placed } from "./placed-ball";
import {
  type RelativeLength,
  relativeLengths,
  requireRelativeLength,
  requireWeightBall,
  type WeightBall,
} from "./weight-ball";
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
  readonly stepSize?: RelativeLength;
  /**
   * How several steps make one v, where g is the gradient at w + v:
   *
   * - `"projected"`: `v ← Π(v + stepSize · ‖w‖ · g / ‖g‖)`, with Π the projection onto the ball.
   * - `"accumulated"`: `v = gamma · ‖w‖ · s / ‖s‖` with s the sum of all gradients so far; it takes no `stepSize`.
   *
   * @default "projected"
   */
  readonly ascent?: Ascent;
  /**
   * Only examples whose own loss is smaller than this count, the mean staying over the whole batch: robust weight
   * perturbation. Which they are is looked up anew in each step. It asks for a loss that knows of examples, core's
   * `Loss` with `below`, as every training step gives it. Where no example is below, v is 0.
   *
   * @default all examples count
   */
  readonly lossBelow?: number;
}

/**
 * Adversarial Weight Perturbation: `v = gamma · ‖w‖ · g / ‖g‖` per layer, with g the gradient of the loss, and 0 where
 * g is 0. It costs `steps` passes forward and backward, beside the one in which the step differentiates at w + v.
 *
 * v does not depend on the scale of the loss. With gamma 0 it is empty and costs nothing. The caller disposes it.
 *
 * With `lossBelow` it is the robust weight perturbation of Yu et al.; with `relativeBox` the AWP of the NLP world,
 * whose `adv_lr` is gamma and whose `adv_eps` is the box.
 *
 * @example
 * // As Yu et al. train on CIFAR-10.
 * awp({ gamma: 0.01, scaling: "global", steps: 10, ascent: "accumulated", lossBelow: 1.7 });
 *
 * @throws ArgumentError for an option out of range, or a loss that knows of no examples where `lossBelow` asks for them;
 * AwpError for weights that are displaced already.
 * @see Wu, Xia, Wang 2020, arXiv:2004.05884; Yu et al. 2022, arXiv:2205.14826
 */
export function awp(options: AwpOptions): WeightAttack {
  const { steps = 1, stepSize, ascent = "projected", lossBelow } = options;
  requireWeightBall(options);
  requireCount("steps", steps);
  if (stepSize !== undefined) requireRelativeLength("stepSize", stepSize);
  requireChoice("ascent", ascent, ["projected", "accumulated"]);
  const stepped = ascent === "projected" || stepSize === undefined;
  requireArgument(stepped, "stepSize", stepSize, 'none with the ascent "accumulated"');
  const threshold = lossBelow === undefined || Number.isFinite(lossBelow);
  requireArgument(threshold, "lossBelow", lossBelow, "a finite number");

  return (weights, loss) => {
    requireUnperturbed(weights);
    const counted = lossBelow === undefined ? loss : below(loss, lossBelow);
    const deltas = tidyTensors(() => {
      const ball = placed(weights, options);
      const { chosen } = ball;
      if (chosen.size === 0) return new Map();
      const gradientsAt = (v: NamedTensors): NamedTensors =>
        withPerturbation(chosen, weightPerturbation(v), () =>
          tidyTensors(() => parameterGradients(counted, chosen).gradients),
        );
      const stepSizes = stepSize === undefined ? ball.radii : relativeLengths("stepSize", stepSize, chosen);
      return ascents[ascent](ball, gradientsAt, steps, stepSizes);
    });
    return weightPerturbation(deltas);
  };
}

function below(loss: Loss, threshold: number): Loss {
  const wanted = "one that knows of its examples, with below(threshold), as lossBelow counts some of them";
  requireArgument(loss.below !== undefined, "loss", "one without below", wanted);
  return loss.below(threshold);
}
