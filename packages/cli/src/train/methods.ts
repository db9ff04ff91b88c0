import { klObjective, pgd, type PgdOptions } from "@awp/attacks";
import type { Defense, WeightAttack } from "@awp/core";
import { adversarialTraining, mart, standardTraining, trades } from "@awp/defenses";
import { awp, randomWeightPerturbation } from "@awp/perturb";

/** A way to train, as it is named in a configuration and in tables. */
export interface Method {
  readonly title: string;
  /** The inner maximization, PGD as the configuration has it, and the outer loss. */
  readonly defense: (inner: PgdOptions) => Defense;
  /** What displaces the weights, if anything does, and how far unless the configuration says. */
  readonly perturbation?: {
    readonly weightAttack: (options: { readonly gamma: number }) => WeightAttack;
    readonly gamma: number;
    /** Forth and back through the network to find it. */
    readonly passes: number;
  };
}

const at = (inner: PgdOptions): Defense => adversarialTraining({ attack: pgd(inner) });
const tradesDefense = (inner: PgdOptions): Defense =>
  trades({ attack: pgd({ ...inner, start: "gaussian", objective: klObjective() }) });
const martDefense = (inner: PgdOptions): Defense => mart({ attack: pgd({ ...inner, start: "gaussian" }) });

// The radii of the paper's code; of MART it has none, and the paper's is TRADES'.
const far = { weightAttack: awp, gamma: 0.01, passes: 1 };
const near = { ...far, gamma: 0.005 };
const random = { ...far, weightAttack: randomWeightPerturbation, passes: 0 };

/** The ways to train: one more is one more row. */
const table = {
  standard: { title: "standard", defense: () => standardTraining() },
  at: { title: "AT", defense: at },
  "at-awp": { title: "AT-AWP", defense: at, perturbation: far },
  "at-rwp": { title: "AT-RWP", defense: at, perturbation: random },
  trades: { title: "TRADES", defense: tradesDefense },
  "trades-awp": { title: "TRADES-AWP", defense: tradesDefense, perturbation: near },
  mart: { title: "MART", defense: martDefense },
  "mart-awp": { title: "MART-AWP", defense: martDefense, perturbation: near },
} satisfies Readonly<Record<string, Method>>;

export type MethodName = keyof typeof table;

export const methods: Readonly<Record<MethodName, Method>> = table;

export const methodNames = Object.keys(table) as readonly MethodName[];
