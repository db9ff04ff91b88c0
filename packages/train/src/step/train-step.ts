import type { Batch, Random, RowKeys } from "@awp/core";
import { requireNonNegativeScalar } from "@awp/core/authoring";
import type { Scalar } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { requireStepMomentum } from "../optimizer/momentum";
import { partsOf } from "./batch-parts";
import { type GradientSettings, stepHalves } from "./step-halves";
import type { TrainStepOptions } from "./step-options";

export interface StepSettings extends GradientSettings {
  /** A scalar tensor lets a recorded step be replayed with another rate. */
  readonly learningRate: number | Scalar;
  /**
   * Takes the place of the optimizer's own momentum in this step: SGD's momentum, Adam's first beta. A scalar tensor lets a
   * recorded step be replayed with another one.
   */
  readonly momentum?: number | Scalar;
}

export interface StepResult {
  /** The outer loss at the weights where the gradient was taken; the caller owns it. */
  readonly loss: Scalar;
}

/** One update of the weights. The caller keeps the batch. */
export type TrainStep = (batch: Batch<RowKeys>, random: Random, settings: StepSettings) => StepResult;

/**
 * The training step: x' = attack(x) once, v = weight attack on the outer loss at x', g = gradient at w + v,
 * w restored exactly, then w moved by the optimizer. {@link stepHalves} has it in two halves.
 *
 * Running statistics move in the pass at w + v and not in those that find v. What the step draws depends on its `random`
 * and on the rows' indices alone.
 *
 * @example
 * const step = trainStep({ network, defense, weightAttack: awp({ gamma: 0.01 }), optimizer: sgd({ momentum: 0.9 }) });
 * const batch = { images, labels, indices: Int32Array.of(0, 1) };
 * const { loss } = step(batch, random(0), { learningRate: 0.1 }); // yours to dispose
 * @throws ArgumentError for an option, a batch, a learning rate or a momentum that cannot be; AwpError on weights that are displaced
 * already.
 * @see Wu, Xia, Wang 2020, arXiv:2004.05884
 */
export function trainStep(options: TrainStepOptions): TrainStep {
  const { gradients, apply } = stepHalves(options);
  const { network, defense, optimizer, microBatches = 1 } = options;
  return (batch, random, { learningRate, momentum, ...settings }) => {
    requireNonNegativeScalar("learningRate", learningRate);
    requireStepMomentum(momentum, optimizer);
    return tf.tidy(() => {
      const found = gradients(batch, random, settings);
      apply(found.gradients, learningRate, momentum);
      tf.dispose([...found.gradients.values()]);
      if (defense.afterStep) {
        for (const part of partsOf(batch, microBatches)) defense.afterStep(network, part.batch);
      }
      return { loss: found.loss };
    });
  };
}
