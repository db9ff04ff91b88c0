import { type Images, projectOntoThreat, type ThreatModel } from "@awp/core";
import { perImage, steepest } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D } from "@tensorflow/tfjs-core";
import { backToBest, type StepRule } from "./climb";

/** The part of the steps of a window that must raise the loss for the step size to stay. */
const rho = 0.75;

/** The part of a step that is not momentum. */
const alpha = 0.75;

/** What the rule for ℓ∞ and ℓ2 remembers, per example. */
export type MomentumMemory = {
  /** The loss after the last step. */
  readonly loss: Tensor1D;
  /** The number of steps since the last checkpoint that raised the loss. */
  readonly rises: Tensor1D;
  /** The best loss at the last checkpoint. */
  readonly bestBefore: Tensor1D;
  /** 1 where the last checkpoint halved the step, else 0; 1 before the first. */
  readonly halved: Tensor1D;
};

/**
 * APGD's iterations at whose end the step size may be halved, counted from 1.
 *
 * @example
 * apgdCheckpoints(100); // [22, 41, 57, 70, 80, 87, 93, 99]
 */
export function apgdCheckpoints(iterations: number): readonly number[] {
  const part = (share: number): number => Math.max(Math.trunc(share * iterations), 1);
  const checkpoints: number[] = [];
  let window = part(0.22);
  for (let at = window; at <= iterations; at += window) {
    checkpoints.push(at);
    window = Math.max(window - part(0.03), part(0.06));
  }
  return checkpoints;
}

/** The rule for ℓ∞ and ℓ2: steps with momentum, halved at checkpoints where they stopped paying. */
export function momentumRule(
  threat: ThreatModel,
  iterations: number,
  referenceFirstRise: boolean,
): StepRule<MomentumMemory> {
  const checkpoints = apgdCheckpoints(iterations);
  return {
    firstStep: 2,
    memory: ({ bestLoss }) => ({
      loss: referenceFirstRise ? tf.zerosLike(bestLoss) : tf.clone(bestLoss),
      rises: tf.zerosLike(bestLoss),
      bestBefore: tf.clone(bestLoss),
      halved: tf.onesLike(bestLoss),
    }),
    move: ({ images, previous, gradient, stepSize }, x, index) => {
      const within = (at: Images): Images => projectOntoThreat(at, x, threat);
      const stepped = within(tf.add(images, tf.mul(steepest(gradient, threat.norm), stepSize)));
      const part = index === 0 ? 1 : alpha;
      const step = tf.mul(tf.sub(stepped, images), part);
      return within(tf.add(images, tf.add(step, tf.mul(tf.sub(images, previous), 1 - part))));
    },
    adapt: (climb, _x, loss, index) => {
      const rises: Tensor1D = tf.add(climb.rises, tf.cast(tf.greater(loss, climb.loss), "float32"));
      const checkpoint = checkpoints.indexOf(index + 1);
      if (checkpoint < 0) return { ...climb, loss, rises };

      const window = index + 1 - (checkpoints[checkpoint - 1] ?? 0);
      const oscillates = tf.lessEqual(rises, rho * window);
      const stuck = tf.logicalAnd(tf.equal(climb.halved, 0), tf.greaterEqual(climb.bestBefore, climb.bestLoss));
      const halve: Tensor1D = tf.logicalOr(oscillates, stuck);
      const halved: Tensor1D = tf.cast(halve, "float32");
      return {
        ...backToBest(climb, halve),
        stepSize: tf.mul(climb.stepSize, tf.sub(1, tf.mul(0.5, perImage(halved)))),
        loss,
        rises: tf.zerosLike(rises),
        bestBefore: tf.clone(climb.bestLoss),
        halved,
      };
    },
  };
}
