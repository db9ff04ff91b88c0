import { type Batch, hostUniform, type Random } from "@awp/core";
import { labelProbabilities, permutation, requireCount, requireNonNegative } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { disposeBatch } from "./batches";

export interface MixupOptions {
  /** The share λ of each batch is drawn from Beta(alpha, alpha): uniform at 1; at 0 nothing is mixed. @default 1 */
  readonly alpha?: number;
  /** How many classes there are. */
  readonly classes: number;
  /** Randomness of shares and partners: give that of the batches. */
  readonly random: Random;
}

/**
 * Mixup: batches of λx + (1 − λ)x', with x' the images of the same batch in another order, and labels that are the
 * probability of each class, λ for that of x and 1 − λ for that of x', `[batch, classes]`.
 *
 * Whatever takes such labels mixes its loss alike: adversarial training attacks the mixed image against both labels, and
 * a weight attack climbs the same loss. The result can be iterated any number of times and gives the same each time.
 * Each batch belongs to who receives it; those it is made of are freed, and lend it their indices.
 *
 * @example
 * const order = random(0).fold(epoch);
 * const mixed = mixup(batches(trainSet, { batchSize: 128, random: order }), { classes: 10, random: order });
 * @throws ArgumentError if `alpha` is negative or not finite, or `classes` not a positive integer
 * @see Zhang et al. 2018, arXiv:1710.09412
 */
export function mixup(batches: Iterable<Batch>, { alpha = 1, classes, random }: MixupOptions): Iterable<Batch> {
  requireNonNegative("alpha", alpha);
  requireCount("classes", classes);
  return {
    *[Symbol.iterator]() {
      let place = 0;
      for (const batch of batches) {
        const own = random.fold(draws.mixup).fold(place++);
        yield mixed(batch, classes, alpha === 0 ? 1 : betaShare(alpha, own.fold(draws.share)), own.fold(draws.partner));
      }
    },
  };
}

/** What mixing draws: a key each. The first is none that the batches fold by. */
const draws = { mixup: -1, share: 0, partner: 1 } as const;

function mixed(batch: Batch, classes: number, share: number, random: Random): Batch {
  try {
    const [images, labels] = tf.tidy(() => {
      const partner = tf.tensor1d(permutation(random, batch.images.shape[0]), "int32");
      const mix = <T extends Tensor>(of: T): T => tf.add(tf.mul(of, share), tf.mul(tf.gather(of, partner), 1 - share));
      // Both parts of 1 are rounded: what they weigh may be above 1 by a digit.
      const images = tf.clipByValue(mix(batch.images), 0, 1);
      return [images, mix(labelProbabilities(batch.labels, classes))];
    });
    return { images, labels, indices: batch.indices };
  } finally {
    disposeBatch(batch);
  }
}

/**
 * A number of Beta(alpha, alpha), by Cheng's algorithm BA: the logistic function of v, accepted or drawn again.
 *
 * @see Cheng 1978, "Generating beta variates with nonintegral shape parameters", Communications of the ACM 21
 */
function betaShare(alpha: number, random: Random): number {
  const scale = alpha <= 1 ? 1 / alpha : Math.sqrt((2 * alpha - 2) / (2 * alpha * alpha - 2 * alpha));
  for (let attempt = 0; ; attempt++) {
    const [first, second] = Array.from(hostUniform(random.fold(attempt), 2), (u) => u + 2 ** -25) as [number, number];
    const v = scale * Math.log(first / (1 - first));
    const softplus = Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)));
    const density = 2 * alpha * (Math.LN2 - softplus) + (alpha + 1 / scale) * v;
    if (density - Math.log(4) >= Math.log(first * first * second)) return 1 / (1 + Math.exp(-v));
  }
}
