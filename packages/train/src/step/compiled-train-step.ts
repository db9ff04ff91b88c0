import { compileStep, type Images, type Labels, random, type StepInputs } from "@awp/core";
import { requireArgument, requireNonNegativeScalar } from "@awp/core/authoring";
import { requireUnperturbed } from "@awp/perturb";
import type { Scalar, Tensor1D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { requireStepMomentum } from "../optimizer/momentum";
import { requireBatch } from "./batch-parts";
import type { TrainStepOptions } from "./step-options";
import { stepRandom } from "./step-random";
import { type TrainStep, trainStep } from "./train-step";

/** A training step that its backend may have recorded. */
export interface CompiledTrainStep extends TrainStep {
  /** Frees the recordings; the weights stay. */
  dispose(): void;
}

/** A recording's inputs, and a scalar `momentum` where the step is given one: steps with and without are two recordings. */
interface Inputs extends StepInputs {
  readonly images: Images;
  readonly labels: Labels;
  readonly indices: Tensor1D;
  readonly key: Tensor1D;
  readonly learningRate: Scalar;
}

/**
 * {@link trainStep}, or another step, by way of core's `compileStep`: the same updates, recorded by a backend that can and
 * replayed with other batches, rates, momenta and keys. Everything else about the step is what it was when it was recorded.
 *
 * @example
 * const step = compiledTrainStep({ network, defense, optimizer: sgd({ momentum: 0.9 }) });
 * for (const batch of batches(trainSet, { batchSize: 128, random: random(0) })) {
 *   step(batch, random(1), { learningRate: 0.1 }).loss.dispose();
 *   disposeBatch(batch);
 * }
 * step.dispose();
 * @throws ArgumentError as `trainStep` does, and for a `random` with its key in a tensor that was folded or has rows: a
 * recording knows the key alone.
 */
export function compiledTrainStep(
  options: TrainStepOptions,
  make: (options: TrainStepOptions) => TrainStep = trainStep,
): CompiledTrainStep {
  const step = make(options);
  const compiled = (weightAttackActive: boolean) =>
    compileStep(({ images, labels, indices, key, learningRate, momentum }: Inputs) => {
      const varied = momentum !== undefined && { momentum: momentum as Scalar };
      const { loss } = step({ images, labels, indices }, random(key), { learningRate, ...varied, weightAttackActive });
      return loss;
    });
  const steps = { plain: compiled(false), attacked: compiled(true) };

  const run: TrainStep = (batch, given, { learningRate, momentum, weightAttackActive = true }) => {
    requireUnperturbed(options.network.parameters);
    requireBatch(batch, options.microBatches);
    requireNonNegativeScalar("learningRate", learningRate);
    requireStepMomentum(momentum, options.optimizer);
    const { key, stream, rows } = stepRandom(given);
    const unfolded = stream[0] === 0 && stream[1] === 0 && rows === undefined;
    requireArgument(
      unfolded,
      "random",
      "a key in a tensor, folded or with rows",
      "a key on the host, or one not folded",
    );
    const { images, labels, indices } = batch;
    const chosen = weightAttackActive ? steps.attacked : steps.plain;
    return tf.tidy(() => {
      const varied = momentum !== undefined && { momentum: scalar(momentum) };
      const inputs = { images, labels, indices: words(indices), key: words(key), learningRate: scalar(learningRate) };
      return { loss: chosen({ ...inputs, ...varied }) };
    });
  };

  return Object.assign(run, {
    dispose: () => {
      steps.plain.dispose();
      steps.attacked.dispose();
    },
  });
}

function words(values: readonly number[] | Int32Array | Tensor1D): Tensor1D {
  return "dtype" in values ? values : tf.tensor1d(Int32Array.from(values), "int32");
}

function scalar(value: number | Scalar): Scalar {
  return typeof value === "number" ? tf.scalar(value) : value;
}
