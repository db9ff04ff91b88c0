import { evaluate, pgd, type PgdOptions } from "@awp/attacks";
import { type Classifier, type Defense, drain, random, type ThreatModel, type WeightAttack } from "@awp/core";
import { batchCount, batches, type Dataset, split, subset, synthetic } from "@awp/data";
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

/** Trains one network and evaluates it on train and test: the whole pipeline. */
export async function run(options: RunOptions): Promise<{ readonly train: Robustness; readonly test: Robustness }> {
  const { defense, weightAttack, images, epochs, seed } = options;
  const source = random(seed);
  const world = { random: source.fold(draws.images), size: 16 };
  const all = synthetic({ ...world, count: images + images / 8 });
  const { train: training, validation } = split(all, images / 8, source.fold(draws.split));
  const test = synthetic({ ...world, count: images / 2, split: "test" });

  const network = smallCnn({ classes: 10, random: source.fold(draws.weights) });
  const classifier: Classifier = (x) => network.forward(x, "eval");
  const attack = pgd(inner);
  const optimizer = sgd({ momentum: 0.9, weightDecay: 5e-4 });
  try {
    const batch = { batchSize: 64, dropLast: true };
    const events = train({
      network,
      defense,
      ...(weightAttack && { weightAttack }),
      optimizer,
      schedule: schedules.piecewise({ learningRate: 0.1, epochs }),
      epochs,
      batches: (_, order) => batches(training, { ...batch, random: order }),
      stepsPerEpoch: batchCount(training, batch),
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
    disposeNetwork(network);
  }

  async function robustness(on: Dataset, by: typeof attack): Promise<Robustness> {
    const examples = batches(on, { batchSize: 128 });
    const options = { classifier, attack: by, batches: examples, random: source.fold(draws.evaluation) };
    const { naturalAccuracy, robustAccuracy } = await drain(evaluate(options));
    return { natural: naturalAccuracy, robust: robustAccuracy };
  }
}
