import { evaluate, pgd } from "@awp/attacks";
import { type Attack, drain, type Network, type ProcessGroup, type Random } from "@awp/core";
import { batches, type Dataset, normalizations, normalized } from "@awp/data";
import { networkNamed } from "@awp/models";
import { sgd, type TrainOptions } from "@awp/train";
import * as tf from "@tensorflow/tfjs-core";
import { averageOf } from "./average-of";
import { batchesOf } from "./batches-of";
import { defenseOf } from "./defense-of";
import type { Recipe } from "./recipe";
import { momentumScheduleOf, scheduleOf } from "./schedule-of";
import { weightAttackOf } from "./weight-attack-of";

export interface PipelineOptions {
  /** The training images, in [0, 1]. */
  readonly images: Dataset;
  /** The second set of a recipe that mixes one in: pseudo-labelled images, −1 for no label, or generated ones. */
  readonly extra?: Dataset;
  /** What is evaluated after each epoch: `natural`, and `robust` where the recipe has an attack for it. */
  readonly evaluated?: Dataset;
  /** The seed of everything: weights, order, attacks, evaluation. */
  readonly random: Random;
  /** A network of images in [0, 1] in place of the recipe's. */
  readonly network?: Network;
  /** See `train`. An evaluation takes as many images at once as a part has. @default 1 */
  readonly microBatches?: number;
  /**
   * The processes that train together, for `dataParallel` of `@awp/distributed`: batches are this rank's rows of them, and
   * evaluations are shared.
   */
  readonly group?: ProcessGroup;
}

/** What each part of the random value is for; 0 is left to who makes the images. */
const draws = { weights: 1, evaluation: 2, training: 3 } as const;

/**
 * The options that make `train` of `@awp/train` follow a recipe: network, attack, loss, weight attack, optimizer,
 * schedule, batches and evaluation. Whoever gets them owns `network`, `optimizer`
 * and, if there is one, `average`, and may set others beside them.
 *
 * @example
 * const recipe = recipes["trades-awp"].cifar10.linf;
 * const options = pipeline(recipe, { images: trainSet, evaluated: testSet, random: random(0) });
 * for await (const event of train({ ...options, store: runDirectory("runs/trades-awp") })) console.log(event);
 * @throws ArgumentError for a recipe that cannot be followed, an unknown network's name among it.
 */
export function pipeline(recipe: Recipe, options: PipelineOptions): TrainOptions {
  const { images, extra, evaluated, random, microBatches = 1, group } = options;
  const { threat, epochs, batchSize, decayAt, evaluation, epsilonRamp } = recipe;
  const { decaysBatchNorm = true, ...sgdOptions } = recipe.optimizer;
  const defense = defenseOf(recipe);
  const each = batchesOf(recipe, images, extra, group);
  const weightAttack = weightAttackOf(recipe.weightPerturbation);
  const momentumSchedule = momentumScheduleOf(recipe, each.stepsPerEpoch);
  const average = averageOf(recipe.average);
  const attack = evaluation && pgd({ ...threat, ...evaluation });
  const atOnce = Math.ceil(batchSize / microBatches);
  return {
    defense,
    ...(epsilonRamp !== undefined && {
      curriculum: (epoch) => ({
        defense: epoch + 1 < epsilonRamp ? defenseOf(recipe, (epoch + 1) / epsilonRamp) : defense,
      }),
    }),
    ...(weightAttack && { weightAttack }),
    warmupEpochs: recipe.weightPerturbation?.warmupEpochs ?? 0,
    decayAt,
    schedule: scheduleOf(recipe, each.stepsPerEpoch),
    ...(momentumSchedule && { momentumSchedule }),
    ...(average && { average }),
    epochs,
    microBatches,
    ...each,
    random: random.fold(draws.training),
    ...(evaluated && {
      evaluate: (network, _epoch, _random, signal) =>
        accuracies(network, attack, { on: evaluated, atOnce, random: random.fold(draws.evaluation), signal, group }),
    }),
    network: options.network ?? networkOf(recipe, images, random.fold(draws.weights)),
    optimizer: sgd({ ...sgdOptions, ...(!decaysBatchNorm && { decays: isNoBatchNorm }) }),
  };
}

/** Whether a name is not of batch normalisation, as PyTorch's modules name it: bn1.weight, batchnorm_0.bias. */
function isNoBatchNorm(name: string): boolean {
  return !/(^|\.)(bn|batchnorm)/.test(name);
}

function networkOf({ network: name, normalization }: Recipe, { classNames, shape }: Dataset, random: Random): Network {
  const network = networkNamed(name)({ classes: classNames.length, size: shape[0], channels: shape[2], random });
  return normalization === null ? network : normalized(network, normalizations[normalization]);
}

interface Accuracies {
  readonly on: Dataset;
  readonly atOnce: number;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly group: ProcessGroup | undefined;
}

async function accuracies(
  network: Network,
  attack: Attack | null,
  { on, atOnce, random, signal, group }: Accuracies,
): Promise<Record<string, number>> {
  const { naturalAccuracy, robustAccuracy } = await drain(
    evaluate({
      classifier: (x) => network.forward(x, "eval"),
      attack: attack ?? ((_classifier, x) => tf.clone(x)),
      batches: batches(on, { batchSize: atOnce }),
      random,
      signal,
      ...(group && { group }),
    }),
  );
  return attack === null ? { natural: naturalAccuracy } : { natural: naturalAccuracy, robust: robustAccuracy };
}
