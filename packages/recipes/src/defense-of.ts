import { klObjective, pgd } from "@awp/attacks";
import type { Defense } from "@awp/core";
import { adversarialTraining, mart, standardTraining, trades } from "@awp/defenses";
import type { Recipe } from "./recipe";

/** The recipe's inner maximization and its outer loss. */
export function defenseOf({ threat, attack: { mode, ...steps }, defense }: Recipe): Defense {
  const inner = { ...threat, ...steps };
  switch (defense.kind) {
    case "standard":
      return standardTraining();
    case "at":
      return adversarialTraining({ ...defense, attack: pgd(inner), attackMode: mode });
    case "trades":
      return trades({ ...defense, attack: pgd({ ...inner, objective: klObjective() }), attackMode: mode });
    case "mart":
      return mart({ ...defense, attack: pgd(inner), attackMode: mode });
  }
}
