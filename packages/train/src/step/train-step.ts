import { type Batch, type Defense, type Mode, type NamedTensors, type Network, parameterGradients, type Random, type RowKeys, type WeightAttack } from "@awp/core";
import { requireArgument, requireChoice, requireNonNegativeScalar } from "@awp/core/authoring";
import { requireUnperturbed, withPerturbation } from "@awp/perturb";
import type { Scalar } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Optimizer } from "../optimizer/optimizer";

/** Where weight decay is taken under a weight attack: at w + v, as the reference does, or at w. */
export type DecayAt = "perturbed" | "clean";

export interface TrainStepOptions {
  readonly network: Network;
  readonly defense: Defense;
  readonly optimizer: Optimizer;
  /** Displaces the weights before the gradient is taken; without one this is plain training. */
  readonly weightAttack?: WeightAttack;
  /** @default "perturbed" */
  readonly decayAt?: DecayAt;
}

export interface StepSettings {
  /** A scalar tensor lets a recorded step be replayed with another rate. */
  readonly learningRate: number | Scalar;
  /** `false` during the warm-up. @default true */
  readonly weightAttackActive?: boolean;
}

export interface StepResult {
  /** The outer loss at the weights where the gradient was taken; the caller owns it. */
  readonly loss: Scalar;
}

/** One update of the weights. The caller keeps the batch. */
export type TrainStep = (batch: Batch<RowKeys>, random: Random, settings: StepSettings) => StepResult;

/**
 * The training step: x' = attack(x) once, v = weight attack on the outer loss at x', g = gradient at w + v,
 * w restored exactly, then w moved by the optimizer.
 *
 * Running statistics move in the pass at w + v and not in those that find v. The step throws an `AwpError` on weights
 * that are displaced already.
 *
 * @see Wu, Xia, Wang 2020, arXiv:2004.05884
 */
export function trainStep({
  network,
  defense,
  optimizer,
  weightAttack,
  decayAt = "perturbed",
}: TrainStepOptions): TrainStep {
  requireChoice("decayAt", decayAt, ["perturbed", "clean"]);
  const { parameters } = network;
  optimizer.prepare(parameters);

  const decay = (gradients: NamedTensors): NamedTensors => {
    const decayed = optimizer.decay(parameters, gradients);
    tf.dispose([...gradients.values()]);
    return decayed;
  };

  return (batch, random, { learningRate, weightAttackActive = true }) => {
    requireUnperturbed(parameters);
    requireBatch(batch);
    requireNonNegativeScalar("learningRate", learningRate);
    return tf.tidy(() => {
      const adversarial = defense.attack(network, batch, random.fold(1).forRows(batch.indices));
      const lossIn = (mode: Mode) => () => defense.loss(network, batch, adversarial, mode);
      const descent = () => {
        const { loss, gradients } = parameterGradients(lossIn("train"), parameters);
        return { loss, gradients: decayAt === "perturbed" ? decay(gradients) : gradients };
      };
      const perturbation = weightAttackActive
        ? weightAttack?.(parameters, lossIn("train-frozen"), random.fold(2))
        : undefined;
      const { loss, gradients } =
        perturbation === undefined ? descent() : withPerturbation(parameters, perturbation, descent);
      perturbation?.dispose();
      optimizer.update(parameters, decayAt === "clean" ? decay(gradients) : gradients, learningRate);
      defense.afterStep?.(network, batch);
      return { loss };
    });
  };
}

export function requireBatch({ images, labels, indices }: Batch<RowKeys>): void {
  const rows = images.shape[0];
  const keys = "dtype" in indices ? indices.size : indices.length;
  requireArgument(rows > 0, "batch.images", images.shape, "at least one image");
  requireArgument(labels.shape[0] === rows, "batch.labels", labels.shape, `one label for each of ${rows} images`);
  requireArgument(keys === rows, "batch.indices", keys, `one index for each of ${rows} images`);
}
