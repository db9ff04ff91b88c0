import { type Classifier, misclassified, perExampleNorm, type Random, type ThreatModel, unitBounds } from "@awp/core";
import { hasNaN } from "@awp/core/authoring";
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
    const checked = await check(run, breaks);
    return breaks.flatMap(({ row, image, iteration }, i) => {
      const { counts, ...verdict } = checked[i] as Checked;
      return counts ? [{ position: positions[row] as number, attack: label, iteration, image, ...verdict }] : [];
    });
  } finally {
    tf.dispose([images, labels]);
  }
}

interface Checked extends Pick<Found, "distance" | "nan"> {
  /** Whether the classifier errs on the image, which lies inside the ball and the box. */
  readonly counts: boolean;
}

/** Asks the classifier again about each adversarial image, and measures how far it is from its clean one. */
async function check(
  { classifier, threat, examples, positions }: PositionsRun,
  breaks: readonly Break[],
): Promise<Checked[]> {
  const measured = tf.tidy(() => {
    const own = breaks.map(({ row }) => positions[row] as number);
    const found = { ...examples, images: joined(breaks) };
    const images = imagesAt(
      found,
      breaks.map((_, i) => i),
    );
    const logits = classifier(images);
    const wrong = misclassified(logits, labelsAt(examples, own));
    const distance = perExampleNorm(tf.sub(images, imagesAt(examples, own)), threat.norm);
    const { low, high } = threat.bounds ?? unitBounds;
    // As far as float32 sums and differences of pixels round.
    const inBall = tf.lessEqual(distance, threat.epsilon * (1 + 1e-5) + 1e-6 * Math.max(Math.abs(low), Math.abs(high)));
    const outside = tf.logicalOr(tf.less(images, Math.fround(low)), tf.greater(images, Math.fround(high)));
    const counts = tf.logicalAnd(tf.logicalAnd(tf.equal(wrong, 1), inBall), tf.logicalNot(tf.any(outside, [1, 2, 3])));
    return tf.stack([tf.cast(counts, "float32"), tf.cast(hasNaN(logits), "float32"), distance], 1);
  });
  try {
    const values = await measured.data();
    return breaks.map((_, i) => ({
      counts: values[3 * i] === 1,
      nan: values[3 * i + 1] === 1,
      distance: values[3 * i + 2] as number,
    }));
  } finally {
    measured.dispose();
  }
}

function joined(breaks: readonly Break[]): Float32Array {
  const size = breaks[0]?.image.length ?? 0;
  const all = new Float32Array(breaks.length * size);
  for (const [i, { image }] of breaks.entries()) all.set(image, i * size);
  return all;
}
