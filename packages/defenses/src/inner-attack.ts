import type { Attack, Defense, Images, Mode, Network } from "@awp/core";
import { requireChoice } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";

/** The inner maximization by an attack, on the network in `attackMode`. */
export function innerAttack(attack: Attack, attackMode: Mode): Defense["attack"] {
  requireChoice("attackMode", attackMode, ["eval", "train", "train-frozen"]);
  return (network, { images, labels }, random) =>
    tf.tidy(() => attack((x: Images) => network.forward(x, attackMode), images, labels, random));
}

/** A forward pass that does nothing but move the running statistics, and that no gradient is kept for. */
export function moveStatistics(network: Network, images: Images): void {
  const unrecorded = tf.customGrad(() => {
    tf.dispose(network.forward(images, "train"));
    return { value: tf.scalar(0), gradFunc: () => [] };
  });
  tf.dispose(unrecorded());
}
