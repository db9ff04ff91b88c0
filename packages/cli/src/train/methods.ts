import type { Recipe, RecipePerturbation } from "@awp/recipes";

/** A way to train, as it is named in a configuration and in tables. */
export interface Method {
  readonly title: string;
  /** The outer loss, the network's mode while it is attacked and where the attack starts, unless the configuration says. */
  readonly base: MethodBase;
  /** What displaces the weights, if anything does, and how far unless the configuration says. */
  readonly perturbation?: Pick<RecipePerturbation, "direction" | "gamma">;
}

type MethodBase = Pick<Recipe, "defense"> & {
  readonly attack: Pick<Recipe["attack"], "mode" | "start" | "startScale">;
};

const standard: MethodBase = { defense: { kind: "standard" }, attack: { mode: "eval" } };
const at: MethodBase = { defense: { kind: "at", auxiliaryForwards: false }, attack: { mode: "train" } };
const beside = { mode: "eval", start: "gaussian", startScale: 0.001 } as const;
const trades: MethodBase = { defense: { kind: "trades", beta: 6, auxiliaryForwards: false }, attack: beside };
const dkl: MethodBase = { defense: { kind: "dkl", alpha: 4, beta: 20 }, attack: beside };
const mart: MethodBase = { defense: { kind: "mart", beta: 6 }, attack: beside };

// The radii of the paper's code; of MART it has none, and this is TRADES'.
const far = { direction: "gradient", gamma: 0.01 } as const;
const near = { direction: "gradient", gamma: 0.005 } as const;

/** The ways to train: one more is one more row. */
const table = {
  standard: { title: "standard", base: standard },
  at: { title: "AT", base: at },
  "at-awp": { title: "AT-AWP", base: at, perturbation: far },
  "at-rwp": { title: "AT-RWP", base: at, perturbation: { direction: "random", gamma: 0.01 } },
  trades: { title: "TRADES", base: trades },
  "trades-awp": { title: "TRADES-AWP", base: trades, perturbation: near },
  mart: { title: "MART", base: mart },
  "mart-awp": { title: "MART-AWP", base: mart, perturbation: near },
  dkl: { title: "DKL", base: dkl },
  "dkl-awp": { title: "DKL-AWP", base: dkl, perturbation: near },
} satisfies Readonly<Record<string, Method>>;

export type MethodName = keyof typeof table;

export const methods: Readonly<Record<MethodName, Method>> = table;

export const methodNames = Object.keys(table) as readonly MethodName[];
