import { evaluate, pgd, type PgdOptions } from "@awp/attacks";
import {
  type Batch,
  type Classifier,
  type Defense,
  drain,
  type Network,
  type Random,
  random,
  type ThreatModel,
  type WeightAttack,
} from "@awp/core";
import { batches, type Dataset, split, subset, synthetic, type SyntheticOptions } from "@awp/data";
import { disposeNetwork, smallCnn } from "@awp/models";
import { schedules, sgd, train } from "@awp/train";

export interface RunOptions {
  /** Makes the adversarial images, and the loss that is descended. */
  readonly defense: Defense;
  /** Displaces the weights in each step: `awp({ gamma })` for AT-AWP, nothing for AT. */
  readonly weightAttack?: WeightAttack;
  /** Training images, a multiple of 8: an eighth as many are set aside for validation, half as many are for testing. */
  readonly images: number;
  readonly epochs: number;
  /** Seed of images, weights, order and attacks: the same seed is the same start and the same batches. */
  readonly seed: number;
  /** The network to train, which stays yours. @default a fresh one, for this run alone */
  readonly network?: Network;
  /** @default 10 */
  readonly classes?: number;
  /** The first of three rates, each a tenth of the one before. @default 0.1 */
  readonly learningRate?: number;
  /** Makes the batches of an epoch, `count` of them. @default full ones of the training images */
  readonly mix?: (training: Dataset, options: EpochOptions) => Iterable<Batch>;
}

interface EpochOptions {
  readonly batchSize: number;
  readonly count: number;
  readonly random: Random;
}

/** Accuracies from 0 to 1. */
export interface Robustness {
  readonly natural: number;
  /** The share of examples that PGD does not break. */
  readonly robust: number;
}

const threat: ThreatModel = { norm: "linf", epsilon: 8 / 255 };

/** The inner maximization in training, to which each method adds its start and its objective. */
export const inner: PgdOptions = { ...threat, stepSize: 2 / 255, steps: 7 };

/** What each part of the seed is for. */
const draws = { images: 0, weights: 1, evaluation: 2, training: 3, split: 4 } as const;

/** What a seed's images are made of: those of {@link run} are the first 9/8 of `images`, and the test images. */
export function world(seed: number, classes = 10): Omit<SyntheticOptions, "count"> {
  return { random: random(seed).fold(draws.images), size: 16, classes };
}

function unmixed(training: Dataset, { batchSize, random }: EpochOptions): Iterable<Batch> {
  return batches(training, { batchSize, random, dropLast: true });
}

/** Trains one network and evaluates it on train and test: the whole pipeline. */
export async function run(options: RunOptions): Promise<{ readonly train: Robustness; readonly test: Robustness }> {
  const { defense, weightAttack, images, epochs, seed, classes = 10 } = options;
  const { learningRate = 0.1, mix = unmixed } = options;
  const source = random(seed);
  const made = world(seed, classes);
  const all = synthetic({ ...made, count: images + images / 8 });
  const { train: training, validation } = split(all, images / 8, source.fold(draws.split));
  const test = synthetic({ ...made, count: images / 2, split: "test" });

  const network = options.network ?? smallCnn({ classes, random: source.fold(draws.weights) });
  const classifier: Classifier = (x) => network.forward(x, "eval");
  const attack = pgd(inner);
  const optimizer = sgd({ momentum: 0.9, weightDecay: 5e-4 });
  try {
    const epoch = { batchSize: 64, count: Math.floor(images / 64) };
    const events = train({
      network,
      defense,
      ...(weightAttack && { weightAttack }),
      optimizer,
      schedule: schedules.piecewise({ learningRate, epochs }),
      epochs,
      batches: (_, order) => mix(training, { ...epoch, random: order }),
      stepsPerEpoch: epoch.count,
      random: source.fold(draws.training),
      evaluate: async () => ({ ...(await robustness(validation, attack)) }),
    });
    for await (const event of events) {
      if (event.kind !== "epoch") continue;
      const { natural = 0, robust = 0 } = event.metrics;
      console.log(`epoch ${event.epoch + 1}: loss ${event.loss.toFixed(3)}, natural ${natural}, robust ${robust}`);
    }
    const pgd20 = pgd({ ...threat, stepSize: 2 / 255, steps: 20 });
    return {
      train: await robustness(subset(training, { end: images / 2 }), pgd20),
      test: await robustness(test, pgd20),
    };
  } finally {
    optimizer.dispose();
    if (network !== options.network) disposeNetwork(network);
  }

  async function robustness(on: Dataset, by: typeof attack): Promise<Robustness> {
    const examples = batches(on, { batchSize: 128 });
    const options = { classifier, attack: by, batches: examples, random: source.fold(draws.evaluation) };
    const { naturalAccuracy, robustAccuracy } = await drain(evaluate(options));
    return { natural: naturalAccuracy, robust: robustAccuracy };
  }
}
