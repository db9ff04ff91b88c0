import type { IterativeAttack, TrackingAttack } from "@awp/core";
import { fgsm, type FgsmOptions } from "../gradient/fgsm";
import { marginObjective } from "../objective/objective";
import { pgd, type PgdOptions, type PgdState } from "../gradient/pgd";
import { spsa, type SpsaOptions, type SpsaState } from "../query/spsa";

/** The attacks of the table of robustness; each takes what to change, for instance another epsilon. */
export interface PaperAttacks {
  /** One step of epsilon from the image itself, as the method is defined. */
  fgsm(changes?: Partial<FgsmOptions>): IterativeAttack<PgdState>;
  /** 20 steps of 2/255 from a uniform start: what AWP's own code tests with while it trains. */
  pgd20(changes?: Partial<PgdOptions>): IterativeAttack<PgdState>;
  /** 100 steps of 2/255 from a uniform start; the step is that of PGD-20. */
  pgd100(changes?: Partial<PgdOptions>): IterativeAttack<PgdState>;
  /** PGD-100 on the margin of the logits, which the paper calls CW∞. */
  cwInf(changes?: Partial<PgdOptions>): IterativeAttack<PgdState>;
  /** 100 steps, 128 samples, delta 0.01, learning rate 0.01: the latter three as cleverhans' defaults. */
  spsa(changes?: Partial<SpsaOptions>): TrackingAttack<SpsaState>;
}

const threat = { norm: "linf", epsilon: 8 / 255 } as const;
const steps = { ...threat, stepSize: 2 / 255, start: "uniform" } as const;

/**
 * The attacks that AWP's paper evaluates with beside AutoAttack (table 2), ℓ∞ 8/255.
 *
 * The paper's code has none of them but the PGD-20 of its training scripts. The kinds, and the steps in the names, are the
 * paper's; the steps of 2/255 and CW∞'s 100 of them are what later evaluations of AWP's networks use, SPSA's numbers
 * cleverhans', its 100 steps those of arXiv:1802.05666. None of these has been checked against the paper's text.
 *
 * @example
 * const attack = paperAttacks.pgd20(); // ℓ∞ 8/255
 * const weaker = paperAttacks.pgd20({ epsilon: 4 / 255 });
 * @see Wu et al. 2020, arXiv:2004.05884
 */
export const paperAttacks: PaperAttacks = {
  fgsm: (changes) => fgsm({ ...threat, ...changes }),
  pgd20: (changes) => pgd({ ...steps, steps: 20, ...changes }),
  pgd100: (changes) => pgd({ ...steps, steps: 100, ...changes }),
  cwInf: (changes) => pgd({ ...steps, steps: 100, objective: marginObjective(), ...changes }),
  spsa: (changes) => spsa({ ...threat, steps: 100, samples: 128, delta: 0.01, learningRate: 0.01, ...changes }),
};
