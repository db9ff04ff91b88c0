import type { Attack, Classifier } from "@awp/core";

/**
 * Crafts on `surrogate` whatever classifier it is given: what `evaluate` then measures is how the images transfer.
 *
 * @see Papernot et al. 2016, arXiv:1605.07277
 */
export function transfer(surrogate: Classifier, attack: Attack): Attack {
  return (_classifier, x, y, random) => attack(surrogate, x, y, random);
}
