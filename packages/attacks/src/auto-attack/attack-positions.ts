import { type Classifier, misclassified, perExampleNorm, type Random, type ThreatModel, unitBounds } from "@awp/core";
import { hasNaN } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { type Examples, imagesAt, labelsAt } from "./examples";
import type { Finding, Found } from "./finding";
import { runAttack } from "./run-attack";
import type { Stage, StageAttack } from "./stages";

export interface PositionsRun {
  readonly stage: Stage;
  readonly stageAttack: StageAttack;
  readonly classifier: Classifier;
  readonly threat: ThreatModel;
  readonly examples: Examples;
  /** The positions of the examples to attack. */
  readonly positions: readonly number[];
  readonly random: Random;
  readonly signal: AbortSignal | undefined;
}

/** Attacks the examples at the given positions from their clean images: what it found, by position. Keeps no tensor. */
export async function attackPositions(run: PositionsRun): Promise<ReadonlyMap<number, Found>> {
  const { stage, stageAttack, classifier, examples, positions, signal } = run;
  const random = run.random.forRows(Int32Array.from(positions, (p) => examples.indices[p] as number));
  const [images, labels] = [imagesAt(examples, positions), labelsAt(examples, positions)];
  try {
    const { attack, label } = stageAttack;
    const findings = await runAttack({ attack, classifier, images, labels, random, block: stage.block, signal });
    const byPosition = [...findings].map(([row, finding]) => [positions[row] as number, finding] as const);
    const checked = await check(run, byPosition);
    const found = byPosition.flatMap(([position, finding], i): [number, Found][] => {
      const { counts, ...verdict } = checked[i] as Checked;
      return counts ? [[position, { stage: stage.name, attack: label, ...finding, ...verdict }]] : [];
    });
    return new Map(found);
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
  { classifier, threat, examples }: PositionsRun,
  findings: readonly (readonly [position: number, finding: Finding])[],
): Promise<Checked[]> {
  if (findings.length === 0) return [];
  const measured = tf.tidy(() => {
    const own = findings.map(([position]) => position);
    const images = imagesAt({ ...examples, images: joined(findings.map(([, { image }]) => image)) }, [
      ...findings.keys(),
    ]);
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
    return findings.map((_, i) => ({
      counts: values[3 * i] === 1,
      nan: values[3 * i + 1] === 1,
      distance: values[3 * i + 2] as number,
    }));
  } finally {
    measured.dispose();
  }
}

function joined(images: readonly Float32Array[]): Float32Array {
  const size = images[0]?.length ?? 0;
  const all = new Float32Array(images.length * size);
  for (const [i, image] of images.entries()) all.set(image, i * size);
  return all;
}
