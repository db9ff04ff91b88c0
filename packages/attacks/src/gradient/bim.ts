import type { IterativeAttack } from "@awp/core";
import { pgd, type PgdOptions, type PgdState } from "./pgd";

/** The options of {@link pgd}, without its starts. */
export interface BimOptions extends Omit<PgdOptions, "start" | "startScale" | "restarts"> {
  /** Length of a step in `norm`, in the scale of `bounds`. @default epsilon / steps */
  readonly stepSize?: number;
}

/**
 * The basic iterative method: {@link pgd} from the image itself, with steps that add up to epsilon.
 *
 * @example
 * const attack = bim({ norm: "linf", epsilon: 8 / 255, steps: 10 });
 * const adversarial = attack(classifier, images, labels, random(0)); // new images, yours to dispose
 * @throws ArgumentError as PGD.
 * @see Kurakin et al. 2017, arXiv:1607.02533
 */
export function bim(options: BimOptions): IterativeAttack<PgdState> {
  const { epsilon, steps = 10, stepSize = epsilon / steps } = options;
  return pgd({ ...options, steps, stepSize, start: "clean" });
}
