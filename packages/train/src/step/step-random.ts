import { type Random, random } from "@awp/core";
import { stepKey } from "@awp/core/authoring";

/** What each fold of a step's random value is for. */
export const draws = { attack: 1, weightAttack: 2 } as const;

/**
 * A step's own random value: key and folds of the given one in a single key, so that a step that is recorded draws as
 * one that is not. A key in a tensor stays as it is.
 */
export function stepRandom(given: Random): Random {
  return "dtype" in given.key ? given : random(stepKey(given));
}
