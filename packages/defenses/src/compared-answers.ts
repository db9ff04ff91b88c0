import type { Attack, Defense, Labels, Logits, Mode } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D } from "@tensorflow/tfjs-core";
import { innerAttack } from "./inner-attack";

interface ComparedAnswersOptions {
  readonly attack: Attack;
  readonly attackMode: Mode;
}

/**
 * A defense whose loss compares the answers to x and to x': one forward pass on x' and then one on x, the order in which
 * TRADES' authors move the running statistics.
 */
export function comparedAnswers(
  { attack, attackMode }: ComparedAnswersOptions,
  loss: (natural: Logits, adversarial: Logits, labels: Labels) => Tensor1D,
): Defense {
  return {
    attack: innerAttack(attack, attackMode),
    loss: (network, { images, labels }, adversarial, mode) =>
      tf.tidy(() => {
        const attacked = network.forward(adversarial, mode);
        return loss(network.forward(images, mode), attacked, labels);
      }),
  };
}
