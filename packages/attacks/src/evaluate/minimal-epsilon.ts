import {
  ArgumentError,
  type Attack,
  type Classifier,
  type Images,
  type Labels,
  misclassified,
  type Random,
} from "@awp/core";
import { requireArgument, requireCount, requireLabels, requirePositive } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";

export interface MinimalEpsilonOptions {
  readonly classifier: Classifier;
  /** The attack of each radius, for instance `(epsilon) => pgd({ norm: "l2", epsilon })`. */
  readonly attack: (epsilon: number) => Attack;
  /** `[batch, height, width, channels]`; stays the caller's. */
  readonly images: Images;
  /** `[batch]`, int32; stays the caller's. */
  readonly labels: Labels;
  /** With or without a key per row; without, the places in the batch are the keys. */
  readonly random: Random;
  /** The largest radius to try, in the scale of the attack's bounds. */
  readonly largest: number;
  /** What is found is at most `largest / 2 ** halvings` too large. @default 8 */
  readonly halvings?: number;
  /** Stops between two attacks, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * The smallest radius at which an attack breaks each example, by bisection: 0 for one that is wrong to begin with,
 * infinite for one that it does not break at `largest`.
 *
 * Each example is attacked `halvings + 1` times at most, always together with those that are at the same radius.
 *
 * @throws ArgumentError for an option out of range.
 */
export async function minimalEpsilon(options: MinimalEpsilonOptions): Promise<Float64Array> {
  const { classifier, images, labels, largest, halvings = 8, signal } = options;
  const batch = images.shape[0];
  requireArgument(batch > 0, "images", images.shape, "at least one, [batch, height, width, channels]");
  requireLabels("labels", labels, batch);
  requirePositive("largest", largest);
  requireCount("halvings", halvings);
  const keys = rowKeys(options.random, batch);

  /** Whether the attack of that radius breaks each of the rows; without a radius, whether they are wrong by themselves. */
  async function breaks(rows: readonly number[], epsilon?: number): Promise<boolean[]> {
    signal?.throwIfAborted();
    const wrong = tf.tidy(() => {
      const index = tf.tensor1d([...rows], "int32");
      const [x, y]: [Images, Labels] = [tf.gather(images, index), tf.gather(labels, index)];
      const random = options.random.forRows(Int32Array.from(rows, (row) => keys[row] as number));
      return misclassified(
        classifier(epsilon === undefined ? x : options.attack(epsilon)(classifier, x, y, random)),
        y,
      );
    });
    try {
      return Array.from(await wrong.data(), Boolean);
    } finally {
      wrong.dispose();
    }
  }

  const found = new Float64Array(batch).fill(Number.POSITIVE_INFINITY);
  const settle = async (rows: readonly number[], value: number, epsilon?: number): Promise<readonly number[]> => {
    if (rows.length === 0) return rows;
    const broken = await breaks(rows, epsilon);
    for (const [place, row] of rows.entries()) if (broken[place] === true) found[row] = value;
    return rows.filter((_, place) => broken[place] === false);
  };
  const right = await settle(Array.from(found.keys()), 0);
  await settle(right, largest, largest);
  for (let halving = 1; halving <= halvings; halving++) {
    const half = largest / 2 ** halving;
    const uppers = new Set(found.filter((epsilon) => epsilon > 0 && epsilon < Number.POSITIVE_INFINITY));
    const groups = [...uppers].map((upper) => right.filter((row) => found[row] === upper));
    for (const group of groups) {
      const smaller = (found[group[0] as number] as number) - half;
      await settle(group, smaller, smaller);
    }
  }
  return found;
}

function rowKeys({ rows }: Random, batch: number): Int32Array {
  if (rows === undefined) return Int32Array.from({ length: batch }, (_, row) => row);
  if (rows instanceof Int32Array) return rows;
  throw new ArgumentError("random.rows", "a tensor", "an Int32Array, or none");
}
