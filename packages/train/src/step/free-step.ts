import {
  type Batch,
  type Images,
  type Mode,
  type NamedTensors,
  normal,
  perExampleNorm,
  projectOntoThreat,
  type Random,
  type RowKeys,
  type ThreatModel,
  uniform,
} from "@awp/core";
import {
  perImage,
  requireArgument,
  requireCount,
  requireNonNegative,
  requireNonNegativeScalar,
  requireThreatModel,
  steepest,
} from "@awp/core/authoring";
import { requireUnperturbed } from "@awp/perturb";
import type { Scalar } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { type BatchPart, partsOf, requireBatch } from "./batch-parts";
import { lossOver } from "./mean-loss";
import { outerGradients } from "./outer-gradients";
import { stepHalves } from "./step-halves";
import type { TrainStepOptions } from "./step-options";
import { draws, stepRandom } from "./step-random";
import type { StepSettings, TrainStep } from "./train-step";

/** The threat model, of norm `"linf"` or `"l2"`, and how it is used. */
export interface FreeStepOptions extends ThreatModel {
  /** Length of a step of the images in `norm`, in the scale of `bounds`. @default epsilon */
  readonly stepSize?: number;
  /** How often each batch is gone through: m in the paper, 8 on CIFAR-10. */
  readonly replays: number;
}

/** Rows of a batch, and what has become of their images. */
interface FreePart extends BatchPart {
  readonly name: string;
  readonly adversarial: Images;
}

/**
 * The step of free adversarial training. Each batch is replayed `replays` times; one backward pass of a replay gives the
 * gradient of the weights, along which they are moved, and that of the images, along which these are moved for the next
 * replay. So a step is `replays` forward and backward passes and as many updates. Give a training the epochs of an
 * ordinary one divided by `replays`: then it makes as many updates, in the time of a training without an adversary.
 *
 * The loss is the defense's, ascended in its adversarial images; the defense's `attack` is not used, so
 * `standardTraining()` will do. A weight attack is made anew in each replay. The loss that is returned is the mean over
 * the replays.
 *
 * One thing is not the paper's: there the perturbation of a batch is carried over to the next batch, whose images it has
 * nothing to do with. Here it starts afresh, at random in the ball, so that a step depends on its batch and `random` alone.
 *
 * @example
 * const step = freeStep({ norm: "linf", epsilon: 8 / 255, replays: 8 });
 * const training = train({ ...settings, defense: standardTraining(), step });
 * @throws ArgumentError for an option out of range and norm `"l1"`; the step as that of `trainStep`
 * @see Shafahi et al. 2019, arXiv:1904.12843
 */
export function freeStep(options: FreeStepOptions): (options: TrainStepOptions) => TrainStep {
  const { norm, epsilon, stepSize = epsilon, replays } = options;
  requireThreatModel(options);
  requireArgument(norm !== "l1", "norm", norm, '"linf" or "l2"');
  requireNonNegative("stepSize", stepSize);
  requireCount("replays", replays);

  const begun = (part: BatchPart, index: number, random: Random): FreePart => {
    const { images, indices } = part.batch;
    const noise = noiseInside(options, images, random.forRows(indices));
    const adversarial = projectOntoThreat(tf.add(images, noise), images, options);
    return { ...part, name: `adversarial images ${index}`, adversarial };
  };
  const moved = (part: FreePart, gradients: NamedTensors): FreePart => {
    const along = steepest(gradients.get(part.name) as Images, norm);
    const further = tf.add(part.adversarial, tf.mul(along, stepSize)) as Images;
    return { ...part, adversarial: projectOntoThreat(further, part.batch.images, options) };
  };

  return (given) => {
    const { network, defense, microBatches = 1, across } = given;
    const { apply } = stepHalves(given);
    const outer = outerGradients(given);

    /** Moves the weights once; the loss, and the images for the next replay. */
    function replayed(parts: readonly FreePart[], random: Random, settings: StepSettings) {
      const rows = parts.reduce((sum, { batch }) => sum + batch.images.shape[0], 0);
      const lossIn = (mode: Mode) =>
        lossOver(
          parts.map(({ batch, adversarial, share }) => {
            return { losses: () => defense.loss(network, batch, adversarial, mode), share };
          }),
          rows,
          across,
        );
      const others = new Map(parts.map(({ name, adversarial }) => [name, adversarial]));
      const { loss, gradients } = outer(lossIn, random, settings.weightAttackActive ?? true, others);
      apply(new Map([...gradients].filter(([name]) => !others.has(name))), settings.learningRate, settings.momentum);
      for (const { batch } of parts) defense.afterStep?.(network, batch);
      const next = parts.map((part) => moved(part, gradients));
      tf.dispose([...gradients.values(), ...others.values()]);
      return { loss, next };
    }

    return (batch: Batch<RowKeys>, random, settings) => {
      requireNonNegativeScalar("learningRate", settings.learningRate);
      requireUnperturbed(network.parameters);
      requireBatch(batch, microBatches);
      const source = stepRandom(random);
      return tf.tidy(() => {
        const start = source.fold(draws.attack);
        let parts = partsOf(batch, microBatches).map((part, index) => begun(part, index, start));
        const losses: Scalar[] = [];
        for (let replay = 0; replay < replays; replay++) {
          const own = source.fold(draws.weightAttack).fold(replay);
          const { loss, next } = replayed(parts, own, settings);
          losses.push(loss);
          parts = next;
        }
        return { loss: tf.mean<Scalar>(tf.stack(losses)) };
      });
    };
  };
}

/** Uniform in the cube of ℓ∞; in ℓ2 in a uniform direction at a uniform radius. */
function noiseInside({ norm, epsilon }: ThreatModel, { shape }: Images, random: Random): Images {
  if (norm === "linf") return uniform(random, shape, -epsilon, epsilon) as Images;
  const direction = normal(random.fold(0), shape);
  const radius = uniform(random.fold(1), [shape[0], 1, 1, 1], 0, epsilon);
  return tf.mul(tf.divNoNan(direction, perImage(perExampleNorm(direction, "l2"))), radius);
}
