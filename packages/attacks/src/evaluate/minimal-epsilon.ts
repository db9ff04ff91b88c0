import {
  ArgumentError,
  type Attack,
  type Classifier,
  type Images,
  type Labels,
  misclassified,
  type ProcessGroup,
  type Random,
} from "@awp/core";
import { inShares, requireArgument, requireCount, requireClassIndices, requirePositive } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";

export interface MinimalEpsilonOptions {
  readonly classifier: Classifier;
  /** The attack of each radius, for instance `(epsilon) => pgd({ norm: "l2", epsilon })`. */
  readonly attack: (epsilon: number) => Attack;
  /** `[batch, height, width, channels]`; stays the caller's. */
  readonly images: Images;
  /** `[batch]`, int32; stays the caller's. */
  readonly labels: Labels;
  /** Randomness with a key per row; without keys the places in the batch are the keys. */
  readonly random: Random;
  /** The largest radius to try, in the scale of the attack's bounds. */
  readonly largest: number;
  /** What is found is at most `largest / 2 ** halvings` too large. @default 8 */
  readonly halvings?: number;
  /**
   * Processes that share the radii of each halving, each with the same options; all have the events and the result of one,
   * as with `evaluate`. Where one radius is left they wait for it. @default none: this process alone
   */
  readonly group?: ProcessGroup;
  /** Stops between two attacks, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What is told after each attack, and first of all of the clean images, as radius 0. */
export interface MinimalEpsilonEvent {
  readonly kind: "radius";
  readonly epsilon: number;
  /** Examples that were attacked at this radius, always together. */
  readonly attacked: number;
  /** Those of them that are broken. */
  readonly broken: number;
}

/**
 * The smallest radius at which an attack breaks each example, `[batch]`, by bisection: 0 for one that is wrong to begin
 * with, infinite for one that it does not break at `largest`.
 *
 * Each example is attacked `halvings + 1` times at most, always together with those that are at the same radius. Yields
 * an event after each attack and returns the radii; `drain` of core runs it to the end.
 *
 * @example
 * const radii = await drain(
 *   minimalEpsilon({
 *     classifier,
 *     attack: (epsilon) => pgd({ norm: "linf", epsilon, stepSize: epsilon / 4, steps: 20 }),
 *     images,
 *     labels,
 *     random: random(0),
 *     largest: 16 / 255,
 *   }),
 * );
 * @throws ArgumentError for an option out of range.
 */
export async function* minimalEpsilon(
  options: MinimalEpsilonOptions,
): AsyncGenerator<MinimalEpsilonEvent, Float64Array> {
  const { images, labels, largest, halvings = 8 } = options;
  const batch = images.shape[0];
  requireArgument(batch > 0, "images", images.shape, "at least one, [batch, height, width, channels]");
  requireClassIndices("labels", labels, batch);
  requirePositive("largest", largest);
  requireCount("halvings", halvings);
  const keys = rowKeys(options.random, batch);

  const found = new Float64Array(batch).fill(Number.POSITIVE_INFINITY);
  async function* attempts(units: Iterable<Attempt>): AsyncGenerator<MinimalEpsilonEvent> {
    const { group, signal } = options;
    const work = async ({ rows, epsilon }: Attempt) => {
      const broken = rows.filter(await breaks(options, keys, rows, epsilon));
      return { epsilon, attacked: rows.length, broken };
    };
    const label = ({ rows, epsilon }: Attempt) => `${rows.length} images at ${epsilon}`;
    for await (const { outcome } of inShares({ group, units, work, label, signal, what: "radii" })) {
      const { epsilon, attacked, broken } = outcome;
      for (const row of broken) found[row] = epsilon;
      yield { kind: "radius", epsilon, attacked, broken: broken.length };
    }
  }

  yield* attempts([{ rows: [...found.keys()], epsilon: 0 }]);
  const right = [...found.keys()].filter((row) => found[row] !== 0);
  if (right.length > 0) yield* attempts([{ rows: right, epsilon: largest }]);
  for (let halving = 1; halving <= halvings; halving++) {
    const bounded = right.filter((row) => found[row] !== Number.POSITIVE_INFINITY);
    const uppers = [...new Set(bounded.map((row) => found[row] as number))];
    yield* attempts(
      uppers.map((upper) => ({
        rows: bounded.filter((row) => found[row] === upper),
        epsilon: upper - largest / 2 ** halving,
      })),
    );
  }
  return found;
}

/** Rows to attack together, and at which radius. */
interface Attempt {
  readonly rows: readonly number[];
  readonly epsilon: number;
}

/** Which of the rows the attack of that radius breaks, as a test of their places; at radius 0 which are wrong by themselves. */
async function breaks(
  { classifier, attack, images, labels, random }: MinimalEpsilonOptions,
  keys: Int32Array,
  rows: readonly number[],
  epsilon: number,
): Promise<(row: number, place: number) => boolean> {
  const wrong = tf.tidy(() => {
    const index = tf.tensor1d([...rows], "int32");
    const [x, y]: [Images, Labels] = [tf.gather(images, index), tf.gather(labels, index)];
    const draws = random.forRows(Int32Array.from(rows, (row) => keys[row] as number));
    return misclassified(classifier(epsilon === 0 ? x : attack(epsilon)(classifier, x, y, draws)), y);
  });
  try {
    const flags = await wrong.data();
    return (_row, place) => flags[place] === 1;
  } finally {
    wrong.dispose();
  }
}

function rowKeys({ rows }: Random, batch: number): Int32Array {
  if (rows === undefined) return Int32Array.from({ length: batch }, (_, row) => row);
  if (rows instanceof Int32Array) return rows;
  throw new ArgumentError("random.rows", "a tensor", "an Int32Array, or none");
}
