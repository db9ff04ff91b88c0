import { type Attack, crossEntropy, type Defense, type Mode } from "@awp/core";
import { requireFraction } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { innerAttack, moveStatistics } from "./inner-attack";

export interface AdversarialTrainingOptions {
  /** The inner maximization, at each step. */
  readonly attack: Attack;
  /**
   * The network's mode while it is attacked. In `"train"` every forward pass of the attack moves the running
   * statistics of batch normalisation, as in the reference implementation.
   *
   * @default "train"
   */
  readonly attackMode?: Mode;
  /** The label smoothing of the outer loss; the attack climbs its own. @default 0 */
  readonly labelSmoothing?: number;
  /**
   * Makes the two forward passes that the reference implementation makes for its log and that move the running
   * statistics too: on the adversarial images before the weights are displaced, on the clean ones after the step.
   *
   * @default false
   */
  readonly auxiliaryForwards?: boolean;
}

/**
 * Adversarial training: min_w mean CE(f_w(x'), y), where x' is what `attack` makes of x.
 *
 * With an attack of k forward passes the running statistics move k + 1 times a step, k + 3 times with
 * `auxiliaryForwards` (the reference: 13 with PGD-10), and once when `attackMode` is not `"train"`.
 *
 * @example
 * const attack = pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 10 });
 * const defense = adversarialTraining({ attack });
 * @throws ArgumentError for an unknown `attackMode` and a `labelSmoothing` outside [0, 1].
 * @see Madry et al. 2018, arXiv:1706.06083
 */
export function adversarialTraining({
  attack,
  attackMode = "train",
  labelSmoothing = 0,
  auxiliaryForwards = false,
}: AdversarialTrainingOptions): Defense {
  requireFraction("labelSmoothing", labelSmoothing);
  const maximize = innerAttack(attack, attackMode);
  const loss: Defense["loss"] = (network, batch, adversarial, mode) =>
    tf.tidy(() => crossEntropy(network.forward(adversarial, mode), batch.labels, { smoothing: labelSmoothing }));
  if (!auxiliaryForwards) return { attack: maximize, loss };
  return {
    attack: (network, batch, random) =>
      tf.tidy(() => {
        const adversarial = maximize(network, batch, random);
        moveStatistics(network, adversarial);
        return adversarial;
      }),
    loss,
    afterStep: (network, batch) => moveStatistics(network, batch.images),
  };
}
