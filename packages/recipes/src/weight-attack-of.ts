import type { WeightAttack } from "@awp/core";
import { awp, randomWeightPerturbation } from "@awp/perturb";
import type { RecipePerturbation } from "./recipe";

/** What displaces the weights in the recipe, if anything does. */
export function weightAttackOf(perturbation: RecipePerturbation | null): WeightAttack | undefined {
  if (perturbation === null) return undefined;
  const { direction, gamma } = perturbation;
  return { gradient: awp, random: randomWeightPerturbation }[direction]({ gamma });
}
