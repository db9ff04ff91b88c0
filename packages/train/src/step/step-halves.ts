import {
  type Batch,
  type LossGradients,
  type Mode,
  type NamedTensors,
  type Parameters,
  type Random,
  type RowKeys,
} from "@awp/core";
import { requireArgument, requireNonNegativeScalar, requireShape } from "@awp/core/authoring";
import { requireUnperturbed } from "@awp/perturb";
import type { Scalar } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { requireStepMomentum } from "../optimizer/momentum";
import { partsOf, requireBatch } from "./batch-parts";
import { type LossPart, lossOver } from "./mean-loss";
import { outerGradients, tidied } from "./outer-gradients";
import { requireStepOptions, type TrainStepOptions } from "./step-options";
import { draws, stepRandom } from "./step-random";

export interface GradientSettings {
  /** `false` during the warm-up. @default true */
  readonly weightAttackActive?: boolean;
}

/** A training step before and after the point where gradients can be averaged over workers or steps. */
export interface StepHalves {
  /**
   * The outer loss and its gradients at the weights that the weight attack finds; the weights are back where they were.
   * Running statistics move. The caller keeps the batch and owns the loss and the gradients.
   *
   * @throws ArgumentError for a batch that does not fit together; AwpError for weights that are displaced already.
   */
  readonly gradients: (batch: Batch<RowKeys>, random: Random, settings?: GradientSettings) => LossGradients;
  /**
   * Moves the weights along gradients by parameter name, of which a missing one counts as zero. They stay the caller's.
   *
   * `momentum` takes the place of the optimizer's own in this update: SGD's momentum, Adam's first beta.
   *
   * @throws ArgumentError for an unknown name, another shape, a rate that is negative or not finite, or a momentum that
   * cannot be or that the optimizer does not keep; AwpError for weights that are displaced already.
   */
  readonly apply: (gradients: NamedTensors, learningRate: number | Scalar, momentum?: number | Scalar) => void;
}

/**
 * The two halves of {@link trainStep}, for who must do something in between: average over machines, accumulate over
 * batches. Weight decay is part of the gradients, or of `apply` where `decayAt` is `"clean"`; `clip` bounds the gradients
 * of one call. The defense's `afterStep` is the caller's to call.
 *
 * @example
 * const { gradients, apply } = stepHalves({ network, defense, optimizer: sgd({ momentum: 0.9 }) });
 * for (const batch of batches(trainSet, { batchSize: 128, random: random(0) })) {
 *   const found = gradients(batch, random(1)); // to average over machines, for example
 *   apply(found.gradients, 0.1);
 *   tf.dispose([found.loss, ...found.gradients.values(), batch.images, batch.labels]);
 * }
 * @throws ArgumentError for an option that is unknown or out of range.
 */
export function stepHalves(options: TrainStepOptions): StepHalves {
  requireStepOptions(options);
  const { network, defense, optimizer, decayAt = "perturbed", microBatches = 1, across } = options;
  const { parameters } = network;
  const outer = outerGradients(options);
  optimizer.prepare(parameters);

  /** The outer loss on adversarial images that are made here, once. */
  function outerLoss(batch: Batch<RowKeys>, random: Random) {
    const parts = partsOf(batch, microBatches).map(({ batch: part, share }) => {
      const adversarial = defense.attack(network, part, random.forRows(part.indices));
      return (mode: Mode): LossPart => ({ losses: () => defense.loss(network, part, adversarial, mode), share });
    });
    const rows = batch.images.shape[0];
    return (mode: Mode) =>
      lossOver(
        parts.map((part) => part(mode)),
        rows,
        across,
      );
  }

  return {
    gradients(batch, given, { weightAttackActive = true } = {}) {
      requireUnperturbed(parameters);
      requireBatch(batch, microBatches);
      const random = stepRandom(given);
      return tidied(() => {
        const lossIn = outerLoss(batch, random.fold(draws.attack));
        return outer(lossIn, random.fold(draws.weightAttack), weightAttackActive);
      });
    },
    apply(gradients, learningRate, momentum) {
      requireUnperturbed(parameters);
      requireGradients(gradients, parameters);
      requireNonNegativeScalar("learningRate", learningRate);
      requireStepMomentum(momentum, optimizer);
      tf.tidy(() => {
        const decayed = decayAt === "clean" ? optimizer.decay(parameters, gradients) : gradients;
        // A tensor in either case: a step that is recorded has one, and must come to the same.
        optimizer.update(
          parameters,
          decayed,
          learningRate,
          typeof momentum === "number" ? tf.scalar(momentum) : momentum,
        );
      });
    },
  };
}

function requireGradients(gradients: NamedTensors, parameters: Parameters): void {
  for (const [name, gradient] of gradients) {
    const argument = `gradients[${JSON.stringify(name)}]`;
    const parameter = parameters.get(name);
    requireArgument(parameter !== undefined, argument, "an unknown name", "a name among the parameters");
    requireShape(argument, gradient, parameter.shape, "the shape of the parameter");
  }
}
