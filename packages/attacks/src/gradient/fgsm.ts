import type { IterativeAttack, ThreatModel } from "@awp/core";
import { pgd, type PgdOptions, type PgdState } from "./pgd";

/** The threat model, of norm `"linf"` or `"l2"`, and what to climb. */
export interface FgsmOptions extends ThreatModel, Pick<PgdOptions, "objective" | "goal" | "eotSteps"> {}

/**
 * The fast gradient sign method: one step of length epsilon from the image itself, `x + epsilon · sign ∇L` (ℓ∞) or
 * `x + epsilon · ∇L / ‖∇L‖` (ℓ2), inside the box.
 *
 * Fast adversarial training (Wong et al. 2020, arXiv:2001.03994) has a random start, and thus {@link pgd} with
 * `steps: 1, stepSize: 1.25 * epsilon`.
 *
 * @example
 * const attack = fgsm({ norm: "linf", epsilon: 8 / 255 });
 * const adversarial = attack(classifier, images, labels, random(0)); // new images, yours to dispose
 * @throws ArgumentError for an option out of range and norm `"l1"`.
 * @see Goodfellow et al. 2015, arXiv:1412.6572
 */
export function fgsm(options: FgsmOptions): IterativeAttack<PgdState> {
  return pgd({ ...options, steps: 1, stepSize: options.epsilon, start: "clean" });
}
