import type { Attack, Classifier } from "@awp/core";

/**
 * Crafts on `surrogate` whatever classifier it is given: what `evaluate` then measures is how the images transfer.
 *
 * @example
 * // How robust the network is to what was made for another one.
 * const attack = transfer(surrogate, pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 20 }));
 * const { robustAccuracy } = await drain(evaluate({ classifier, attack, batches: testBatches, random: random(0) }));
 * @see Papernot et al. 2016, arXiv:1605.07277
 */
export function transfer(surrogate: Classifier, attack: Attack): Attack {
  return (_classifier, x, y, random) => attack(surrogate, x, y, random);
}
