import { type Classifier, misclassified, perExampleNorm, type Random, type ThreatModel, unitBounds } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { type Examples, imagesAt, labelsAt } from "./examples";
import { type Break, runAttack } from "./run-attack";
import type { StageAttack } from "./stages";
import type { Found } from "./state";

export interface PositionsRun {
  readonly stageAttack: StageAttack;
  readonly block: number;
  readonly classifier: Classifier;
  readonly threat: ThreatModel;
  readonly examples: Examples;
  /** Of the examples to attack. */
  readonly positions: readonly number[];
  readonly random: Random;
  readonly signal: AbortSignal | undefined;
}

/** What an attack found: only what the classifier errs on when asked again, inside the ball and the box. */
export type FoundAt = Omit<Found, "stage"> & { readonly position: number };

/** Attacks the examples at the given positions from their clean images; keeps no tensor. */
export async function attackPositions(run: PositionsRun): Promise<FoundAt[]> {
  const { stageAttack, block, classifier, examples, positions, signal } = run;
  const random = run.random.forRows(Int32Array.from(positions, (p) => examples.indices[p] as number));
  const [images, labels] = [imagesAt(examples, positions), labelsAt(examples, positions)];
  try {
    const { attack, label } = stageAttack;
    const breaks = await runAttack({ attack, classifier, images, labels, random, block, signal });
    if (breaks.length === 0) return [];
    const verdicts = await verify(run, breaks);
    return breaks.flatMap(({ row, image, iteration }, i) => {
      const distance = verdicts[i] as number;
      return Number.isNaN(distance)
        ? []
        : [{ position: positions[row] as number, attack: label, iteration, distance, image }];
    });
  } finally {
    tf.dispose([images, labels]);
  }
}

/** The distance of each adversarial image from its clean one; NaN where the classifier is right after all, or the image outside. */
async function verify(
  { classifier, threat, examples, positions }: PositionsRun,
  breaks: readonly Break[],
): Promise<Float32Array> {
  const distances = tf.tidy(() => {
    const own = breaks.map(({ row }) => positions[row] as number);
    const found = { ...examples, images: joined(breaks) };
    const images = imagesAt(
      found,
      breaks.map((_, i) => i),
    );
    const wrong = misclassified(classifier(images), labelsAt(examples, own));
    const distance = perExampleNorm(tf.sub(images, imagesAt(examples, own)), threat.norm);
    const { low, high } = threat.bounds ?? unitBounds;
    // As far as float32 sums and differences of pixels round.
    const inBall = tf.lessEqual(distance, threat.epsilon * (1 + 1e-5) + 1e-6 * Math.max(Math.abs(low), Math.abs(high)));
    const outside = tf.logicalOr(tf.less(images, Math.fround(low)), tf.greater(images, Math.fround(high)));
    const counts = tf.logicalAnd(tf.logicalAnd(tf.equal(wrong, 1), inBall), tf.logicalNot(tf.any(outside, [1, 2, 3])));
    return tf.where(counts, distance, NaN);
  });
  try {
    return (await distances.data()) as Float32Array;
  } finally {
    distances.dispose();
  }
}

function joined(breaks: readonly Break[]): Float32Array {
  const size = breaks[0]?.image.length ?? 0;
  const all = new Float32Array(breaks.length * size);
  for (const [i, { image }] of breaks.entries()) all.set(image, i * size);
  return all;
}
