import type { AttackResult, Random, TrackingAttack } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { type AttackState, type Iterate, type Problem, runner, type RunnerParts } from "./iterative";

/**
 * The parts of an attack that remembers what it found. Every tensor of its iterate has the batch for its first axis, or
 * is a scalar.
 */
export interface TrackingParts<I extends Iterate> extends Omit<RunnerParts<I>, "images"> {
  /** 1 where an image that the classifier errs on has been found, else 0; `[batch]`, int32. */
  broken(iterate: I): Tensor1D;
}

/**
 * Makes a {@link TrackingAttack} of its parts; the plain call returns the result's images.
 *
 * @example
 * // Random points of the box around each image, until one of them breaks the classifier.
 * const attack = tracking<{ images: Images; found: tf.Tensor1D }>({
 *   iterations: 100,
 *   start: ({ classifier, x, y }) => ({ images: tf.clone(x), found: misclassified(classifier(x), y) }),
 *   iterate({ classifier, x, y, random }, { images, found }, step) {
 *     const tried = tf.clipByValue(tf.add(x, uniform(random.fold(step), x.shape, -8 / 255, 8 / 255)), 0, 1);
 *     const kept = tf.where(tf.cast(tf.reshape(found, [-1, 1, 1, 1]), "bool"), images, tried as Images);
 *     return { images: kept, found: misclassified(classifier(kept), y) };
 *   },
 *   broken: ({ found }) => found,
 *   result: ({ classifier, y }, { images, found }, done) => ({
 *     images: tf.clone(images),
 *     broken: tf.clone(found),
 *     iteration: tf.fill<tf.Rank.R1>([images.shape[0]], done, "int32"),
 *     objective: margin(classifier(images), y),
 *   }),
 * });
 */
export function tracking<I extends Iterate>(parts: TrackingParts<I>): TrackingAttack<AttackState<I>> {
  const images = (problem: Problem, iterate: I): AttackResult["images"] =>
    parts.result(problem, iterate, parts.iterations).images;

  function broken({ iterate }: AttackState<I>): Tensor1D {
    return tf.tidy(() => tf.clone(parts.broken(iterate)));
  }

  function select({ problem, iterate, done }: AttackState<I>, rows: Int32Array): AttackState<I> {
    const { classifier, x, y, random } = problem;
    requireArgument(rows.length > 0, "rows", rows.length, "at least one");
    const randomness = randomOfRows(random, rows);
    const selected = tf.tidy(() => {
      const index = tf.tensor1d(rows, "int32");
      const pick = <T extends Tensor>(tensor: T): T =>
        tensor.rank === 0 ? tf.clone(tensor) : (tf.gather(tensor, index) as T);
      const tensors = Object.entries(iterate).map(([name, tensor]): [string, Tensor] => [name, pick(tensor)]);
      return { x: pick(x), y: pick(y), iterate: Object.fromEntries(tensors) };
    });
    const problemOfRows = { classifier, x: selected.x, y: selected.y, random: randomness };
    return { problem: problemOfRows, iterate: selected.iterate as I, done };
  }

  return Object.assign(runner({ ...parts, images }), { broken, select });
}

function randomOfRows(random: Random, rows: Int32Array): Random {
  const keys = random.rows;
  requireArgument(
    keys instanceof Int32Array,
    "random.rows",
    keys,
    "an Int32Array with a key per row: forRows(indices)",
  );
  return random.forRows(rows.map((row) => keys[row] as number));
}
