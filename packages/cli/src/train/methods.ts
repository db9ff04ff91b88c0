import { klObjective, pgd, type PgdOptions } from "@awp/attacks";
import type { Defense, WeightAttack } from "@awp/core";
import { adversarialTraining, mart, standardTraining, trades } from "@awp/defenses";
import { awp } from "@awp/perturb";

/** A way to train, as it is named in a configuration and in tables. */
export interface Method {
  readonly title: string;
  /** The inner maximization, PGD as the configuration has it, and the outer loss. */
  readonly defense: (inner: PgdOptions) => Defense;
  /** What displaces the weights, if anything does. */
  readonly weightAttack?: (options: { readonly gamma: number }) => WeightAttack;
}

const at = (inner: PgdOptions): Defense => adversarialTraining({ attack: pgd(inner) });
const tradesDefense = (inner: PgdOptions): Defense =>
  trades({ attack: pgd({ ...inner, start: "gaussian", objective: klObjective() }) });
const martDefense = (inner: PgdOptions): Defense => mart({ attack: pgd({ ...inner, start: "gaussian" }) });

/** The ways to train: one more is one more row. */
const table = {
  standard: { title: "standard", defense: () => standardTraining() },
  at: { title: "AT", defense: at },
  "at-awp": { title: "AT-AWP", defense: at, weightAttack: awp },
  trades: { title: "TRADES", defense: tradesDefense },
  "trades-awp": { title: "TRADES-AWP", defense: tradesDefense, weightAttack: awp },
  mart: { title: "MART", defense: martDefense },
  "mart-awp": { title: "MART-AWP", defense: martDefense, weightAttack: awp },
} satisfies Readonly<Record<string, Method>>;

export type MethodName = keyof typeof table;

export const methods: Readonly<Record<MethodName, Method>> = table;

export const methodNames = Object.keys(table) as readonly MethodName[];
