import { crossEntropy, type Images, type IterativeAttack, type ThreatModel, unitBounds } from "@awp/core";
import { requireArgument, requireNonNegative, requireThreatModel, sign } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { expectedGradient } from "../engine/expected-gradient";
import { type AttackState, iterative } from "../engine/iterative";
import { startingPoint } from "../engine/start";

/** The threat model that is trained against, of norm `"linf"`. */
export interface NoisyFgsmOptions extends ThreatModel {
  /** The noise is uniform within ± this, in the scale of `bounds`. @default 2 * epsilon */
  readonly noise?: number;
  /** Length of the step, in the scale of `bounds`. @default epsilon */
  readonly stepSize?: number;
}

/**
 * The inner maximization of N-FGSM, one step from noise: `x + η + stepSize · sign ∇CE(x + η)`, with η uniform in
 * ± `noise`, both ends clipped to the box and neither to the ball.
 *
 * It is for training alone: its images lie up to `noise + stepSize` away, outside of the threat model.
 *
 * @example
 * const attack = noisyFgsm({ norm: "linf", epsilon: 8 / 255 });
 * const defense = adversarialTraining({ attack });
 * @throws ArgumentError for an option out of range and another norm.
 * @see de Jorge et al. 2022, arXiv:2202.01181
 */
export function noisyFgsm(options: NoisyFgsmOptions): IterativeAttack<AttackState<{ readonly images: Images }>> {
  const { norm, epsilon, bounds = unitBounds, noise = 2 * epsilon, stepSize = epsilon } = options;
  requireThreatModel(options);
  requireArgument(norm === "linf", "norm", norm, '"linf"');
  requireNonNegative("noise", noise);
  requireNonNegative("stepSize", stepSize);

  return iterative({
    iterations: 1,
    start: ({ x, random }) => ({
      images: startingPoint(x, { start: "uniform" }, { ...options, epsilon: noise }, random),
    }),
    iterate: ({ classifier, y }, { images }) => {
      const { gradient } = expectedGradient(classifier, images, (logits) => crossEntropy(logits, y), 1);
      const moved = tf.add<Images>(images, tf.mul(sign(gradient), stepSize));
      return { images: tf.clipByValue(moved, bounds.low, bounds.high) };
    },
    objective: ({ y }, logits) => crossEntropy(logits, y),
  });
}
