import type { ThreatModel, TrackingAttack } from "@awp/core";
import { requireArgument, requireChoice, requireCount, requireThreatModel } from "@awp/core/authoring";
import type { AttackState } from "../engine/iterative";
import type { Start } from "../engine/start";
import { type Goal, untargeted } from "../objective/goal";
import { crossEntropyObjective, type Objective } from "../objective/objective";
import { resolve } from "../objective/resolve";
import type { Climb } from "./climb";
import { climbing } from "./climbing";
import { type MomentumMemory, momentumRule } from "./momentum-rule";
import { type Phase, sparsePhases } from "./phases";

/** The threat model, and how APGD climbs inside it. */
export interface ApgdOptions extends ThreatModel {
  /** @default 100 */
  readonly steps?: number;
  /** What is ascended. @default crossEntropyObjective() */
  readonly objective?: Objective;
  /** Where it leads; with a target too, any wrong class counts as found. @default { kind: "untargeted" } */
  readonly goal?: Goal;
  /** @default "sphere" */
  readonly start?: Extract<Start, "sphere" | "clean">;
  /** Passes whose gradients are averaged in each step, for classifiers that draw at random. @default 1 */
  readonly eotSteps?: number;
  /**
   * ℓ1 alone: 30 % of the steps in the ball of three times epsilon, 30 % of twice, the rest in the ball of epsilon, each
   * from the best images before; one pass more for each change. Starts from noise about the image; the reference
   * implementation means to, but projects the noisy image as if it were the noise. @default false
   */
  readonly largeEpsilons?: boolean;
  /**
   * Whether the loss after the first step counts as a rise where it is above 0, as in the reference implementation,
   * whose first checkpoint looks past the beginning of its record; else where it is above the loss at the start.
   *
   * @default true
   */
  readonly referenceFirstRise?: boolean;
}

/** APGD under way. */
export type ApgdState = AttackState<Climb>;

/**
 * Auto-PGD, of which AutoAttack is made: steps with momentum, per example halved, and begun anew at the best point, when
 * they stop raising the loss.
 *
 * Returns, per example, the latest iterate (the start included) that the classifier errs on, also with a target,
 * whatever the class; else the clean image, as for an example that is wrong to begin with. The `objective` of the result
 * is the largest on the way, whichever image is returned.
 *
 * Takes `steps + 1` forward and backward passes (times `eotSteps`) and one forward pass on the clean images.
 *
 * @example
 * // AutoAttack's APGD-T towards the likeliest wrong class.
 * const attack = apgd({ norm: "linf", epsilon: 8 / 255, objective: targetedDlrObjective(), goal: towardsRank(2) });
 * @throws ArgumentError for an option out of range; when it starts, for too few classes.
 * @see Croce and Hein 2020, arXiv:2003.01690; for ℓ1 Croce and Hein 2021, arXiv:2103.01208
 */
export function apgd(options: ApgdOptions): TrackingAttack<ApgdState> {
  const { norm, steps = 100, start = "sphere", eotSteps = 1, largeEpsilons = false } = options;
  const { objective = crossEntropyObjective(), goal = untargeted, referenceFirstRise = true } = options;
  requireThreatModel(options);
  requireCount("steps", steps);
  requireCount("eotSteps", eotSteps);
  requireChoice("start", start, ["sphere", "clean"]);
  requireArgument(
    start !== "clean" || objective.against !== "clean",
    "start",
    start,
    "a random one, as the gradient of an objective against clean logits is zero at x",
  );
  requireArgument(!largeEpsilons || norm === "l1", "largeEpsilons", largeEpsilons, 'false, for any norm but "l1"');
  requireArgument(!largeEpsilons || steps >= 5, "steps", steps, "at least 5, for large epsilons to have some each");

  const climb = { steps, start, eotSteps, ascent: resolve(objective, goal) };
  if (norm === "l1") return climbing(climb, sparsePhases(options, climb, largeEpsilons));
  const only: Phase<MomentumMemory> = {
    first: 0,
    ball: options,
    rule: momentumRule(options, steps, referenceFirstRise),
  };
  return climbing(climb, [only]);
}
