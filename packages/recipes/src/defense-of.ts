import { klObjective, pgd } from "@awp/attacks";
import type { Defense } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import { adversarialTraining, dkl, mart, regularized, rst, standardTraining, trades } from "@awp/defenses";
import type { Recipe } from "./recipe";

/** The recipe's inner maximization and its outer loss, with `share` of the threat model's epsilon and of the step. */
export function defenseOf(recipe: Recipe, share = 1): Defense {
  const { l1 = 0, l2 = 0 } = recipe.regularization ?? {};
  const defense = unregularized(recipe, share);
  return l1 === 0 && l2 === 0 ? defense : regularized(defense, { l1, l2 });
}

function unregularized(recipe: Recipe, share: number): Defense {
  const { threat, defense, regularization } = recipe;
  const { mode: attackMode, stepSize, ...steps } = recipe.attack;
  const { labelSmoothing = 0 } = regularization ?? {};
  const inner = { ...threat, epsilon: threat.epsilon * share, stepSize: stepSize * share, ...steps };
  const climbing = () => pgd(inner);
  const diverging = () => pgd({ ...inner, objective: klObjective() });
  const smooths = defense.kind === "standard" || defense.kind === "at" || defense.kind === "trades";
  requireArgument(smooths || labelSmoothing === 0, "labelSmoothing", labelSmoothing, `0 with ${defense.kind}`);
  switch (defense.kind) {
    case "standard":
      return standardTraining({ labelSmoothing });
    case "at":
      return adversarialTraining({ ...defense, attack: climbing(), attackMode, labelSmoothing });
    case "trades":
      return trades({ ...defense, attack: diverging(), attackMode, labelSmoothing });
    case "mart":
      return mart({ ...defense, attack: climbing(), attackMode });
    case "rst":
      return rst({ ...defense, attack: diverging(), attackMode });
    case "dkl":
      return dkl({ ...defense, attack: diverging(), attackMode });
  }
}
