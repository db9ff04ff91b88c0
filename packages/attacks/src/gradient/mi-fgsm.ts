import { type Images, type IterativeAttack, perExampleNorm } from "@awp/core";
import {
  hasNaN,
  perImage,
  requireArgument,
  requireCount,
  requireNonNegative,
  requireThreatModel,
} from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { BimOptions } from "./bim";
import { expectedGradient } from "../engine/expected-gradient";
import { type AttackState, iterative } from "../engine/iterative";
import { stepWithin } from "../engine/step";
import { untargeted } from "../objective/goal";
import { crossEntropyObjective } from "../objective/objective";
import { requireSlopeAtClean, resolve } from "../objective/resolve";

/** The options of {@link bim}, and how much of the past a step keeps. */
export interface MiFgsmOptions extends BimOptions {
  /** What remains of the gathered gradient from one step to the next; 0 is BIM. @default 1 */
  readonly decay?: number;
}

/** MI-FGSM under way. */
export type MiFgsmState = AttackState<{
  readonly images: Images;
  readonly gathered: Images;
  readonly reference: Tensor;
}>;

/**
 * The momentum iterative method: as BIM, along `g ← decay · g + ∇L / ‖∇L‖₁`; its images transfer better to other
 * classifiers.
 *
 * @example
 * const attack = miFgsm({ norm: "linf", epsilon: 16 / 255, steps: 10, decay: 1 });
 * const adversarial = transfer(surrogate, attack)(classifier, images, labels, random(0));
 * @throws ArgumentError for an option out of range, norm `"l1"`, and an objective against clean logits, whose gradient
 * is zero at the image.
 * @see Dong et al. 2018, arXiv:1710.06081
 */
export function miFgsm(options: MiFgsmOptions): IterativeAttack<MiFgsmState> {
  const { norm, epsilon, steps = 10, stepSize = epsilon / steps, decay = 1, eotSteps = 1 } = options;
  const { objective = crossEntropyObjective(), goal = untargeted } = options;
  requireThreatModel(options);
  requireArgument(norm !== "l1", "norm", norm, '"linf" or "l2"');
  requireCount("steps", steps);
  requireNonNegative("stepSize", stepSize);
  requireNonNegative("decay", decay);
  requireCount("eotSteps", eotSteps);
  requireSlopeAtClean(objective);

  const { reference: referenceOf, value } = resolve(objective, goal);
  return iterative({
    iterations: steps,
    start: (problem) => ({
      images: tf.clone(problem.x),
      gathered: tf.zerosLike(problem.x),
      reference: referenceOf(problem),
    }),
    iterate: ({ classifier, x, y }, { images, gathered, reference }) => {
      const { logits, gradient } = expectedGradient(
        classifier,
        images,
        (logits) => value(logits, y, reference),
        eotSteps,
      );
      const unit = tf.divNoNan(gradient, perImage(perExampleNorm(gradient, "l1")));
      const next: Images = tf.add(tf.mul(gathered, decay), unit);
      const moved = stepWithin(options, images, next, x, stepSize);
      // What is gathered would lead on from an answer that is NaN, where the classifier errs.
      return { images: tf.where(perImage(hasNaN(logits)), images, moved), gathered: next, reference };
    },
    objective: ({ y }, logits, { reference }) => value(logits, y, reference),
  });
}
