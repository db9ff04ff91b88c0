import { type Attack, type Images, misclassified } from "@awp/core";
import { perImage, requireArgument } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";

/**
 * Several attacks as one: per example the first result that the classifier errs on, else the last attack's.
 *
 * All attacks work on the whole batch, each with a draw of its own; one forward pass more for each.
 *
 * @example
 * const attack = worstOf([
 *   pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 20 }),
 *   square({ norm: "linf", epsilon: 8 / 255, queries: 1000 }),
 * ]);
 * @throws ArgumentError without an attack.
 */
export function worstOf(attacks: readonly Attack[]): Attack {
  requireArgument(attacks.length > 0, "attacks", attacks.length, "at least one");
  return (classifier, x, y, random) =>
    tf.tidy(() => {
      let broken: tf.Tensor = tf.zeros(y.shape, "bool");
      let images: Images = x;
      for (const [index, attack] of attacks.entries()) {
        const found = attack(classifier, x, y, random.fold(index));
        images = tf.where(perImage(broken), images, found);
        broken = tf.logicalOr(broken, tf.cast(misclassified(classifier(found), y), "bool"));
      }
      return tf.clone(images);
    });
}
