import type { Attack, Defense, WeightAttack } from "@awp/core";
import { adversarialTraining, standardTraining } from "@awp/defenses";
import { awp } from "@awp/perturb";

/** A way to train, as it is named in a configuration and in tables. */
export interface Method {
  readonly title: string;
  /** The inner maximization and the outer loss, with the attack of the configuration. */
  readonly defense: (attack: Attack) => Defense;
  /** What displaces the weights, if anything does. */
  readonly weightAttack?: (options: { readonly gamma: number }) => WeightAttack;
}

const at = (attack: Attack): Defense => adversarialTraining({ attack });

/** The ways to train: one more is one more row. */
const table = {
  standard: { title: "standard", defense: standardTraining },
  at: { title: "AT", defense: at },
  "at-awp": { title: "AT-AWP", defense: at, weightAttack: awp },
} satisfies Readonly<Record<string, Method>>;

export type MethodName = keyof typeof table;

export const methods: Readonly<Record<MethodName, Method>> = table;

export const methodNames = Object.keys(table) as readonly MethodName[];
