import type { Images, IterativeAttack, ThreatModel } from "@awp/core";
import {
  requireArgument,
  requireChoice,
  requireCount,
  requireNonNegative,
  requireThreatModel,
} from "@awp/core/authoring";
import type { Tensor } from "@tensorflow/tfjs-core";
import { expectedGradient } from "../engine/expected-gradient";
import { type Goal, untargeted } from "../objective/goal";
import { type AttackState, iterative } from "../engine/iterative";
import { crossEntropyObjective, type Objective } from "../objective/objective";
import { resolve } from "../objective/resolve";
import { restarted, type RestartState } from "../engine/restarts";
import { type Start, startingPoint, starts } from "../engine/start";
import { stepWithin } from "../engine/step";

/** The threat model, of norm `"linf"` or `"l2"`, and how PGD climbs inside it. */
export interface PgdOptions extends ThreatModel {
  /** @default 10 */
  readonly steps?: number;
  /** Length of a step in `norm`, in the scale of `bounds`: write `2 / 255`. @default 2.5 * epsilon / steps */
  readonly stepSize?: number;
  /** @default "uniform" */
  readonly start?: Start;
  /** Standard deviation of the start `"gaussian"`, in the scale of `bounds`. @default 0.001 */
  readonly startScale?: number;
  /** Independent starts, of which the worst result per example is kept. @default 1 */
  readonly restarts?: number;
  /** Passes whose gradients are averaged in each step, for classifiers that draw at random. @default 1 */
  readonly eotSteps?: number;
  /** @default crossEntropyObjective() */
  readonly objective?: Objective;
  /** @default { kind: "untargeted" } */
  readonly goal?: Goal;
}

/** PGD under way. */
export type PgdState = RestartState<AttackState<{ readonly images: Images; readonly reference: Tensor }>>;

/**
 * Projected gradient descent: `x' ← Π(x' + stepSize · d)`, with d the sign of the objective's gradient (ℓ∞) or the
 * gradient over its norm (ℓ2), and Π the projection onto the ball, then onto the box.
 *
 * Returns the last iterate; with restarts, per example the last iterate of the largest objective. Takes exactly
 * `steps` forward and backward passes (times `eotSteps`); with restarts one forward pass more for each of them, with an objective against
 * the clean logits one more again.
 *
 * @example
 * const attack = pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 10 });
 * const adversarial = attack(classifier, images, labels, random(0)); // new images, yours to dispose
 * @throws ArgumentError for an option out of range, norm `"l1"`, and a clean start where only a random one makes sense.
 * @see Madry et al. 2018, arXiv:1706.06083
 */
export function pgd(options: PgdOptions): IterativeAttack<PgdState> {
  const {
    norm,
    epsilon,
    steps = 10,
    stepSize = (2.5 * epsilon) / steps,
    start = "uniform",
    startScale = 0.001,
    restarts = 1,
    eotSteps = 1,
    objective = crossEntropyObjective(),
    goal = untargeted,
  } = options;
  requireThreatModel(options);
  requireArgument(norm !== "l1", "norm", norm, '"linf" or "l2"');
  requireCount("steps", steps);
  requireCount("restarts", restarts);
  requireCount("eotSteps", eotSteps);
  requireNonNegative("stepSize", stepSize);
  requireNonNegative("startScale", startScale);
  requireChoice("start", start, starts);
  const random = start !== "clean";
  requireArgument(random || restarts === 1, "start", start, "a random one, for restarts that differ");
  requireArgument(
    random || objective.against === "labels",
    "start",
    start,
    "a random one, as the gradient of an objective against clean logits is zero at x",
  );

  const { reference: referenceOf, value } = resolve(objective, goal);
  const single = iterative({
    iterations: steps,
    start: (problem) => ({
      images: startingPoint(problem.x, { start, scale: startScale }, options, problem.random),
      reference: referenceOf(problem),
    }),
    iterate: ({ classifier, x, y }, { images, reference }) => {
      const { gradient } = expectedGradient(classifier, images, (logits) => value(logits, y, reference), eotSteps);
      return { images: stepWithin(options, images, gradient, x, stepSize), reference };
    },
    objective: ({ y }, logits, { reference }) => value(logits, y, reference),
  });
  return restarted(single, restarts);
}
