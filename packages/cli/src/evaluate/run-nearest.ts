import type { ExampleOutcome } from "@awp/attacks";
import { type Attack, type Batch, misclassified, perExampleNorm, random } from "@awp/core";
import { hasNaN, inShares } from "@awp/core/authoring";
import { batches, disposeBatch } from "@awp/data";
import * as tf from "@tensorflow/tfjs-core";
import { breathe } from "../terminal/signals";
import { attackNamed } from "./named-attack";
import type { Found, Trial, Watch } from "./trial";

/**
 * An attack that looks for the nearest adversarial image, run once for all radii: it breaks an example at those that
 * are not smaller than the distance of what it found.
 */
export async function runNearest(trial: Trial, epsilons: readonly number[], watch: Watch): Promise<readonly Found[]> {
  const { batchSize, images } = trial;
  const attack = attackNamed(trial.attack).make({ norm: trial.norm, epsilon: Math.max(...epsilons) });
  const nearest: Nearest[] = [];
  const found = inShares({
    group: watch.ranks.group,
    units: batches(images, { batchSize }),
    work: (batch: Batch) => nearestOf(trial, attack, batch),
    release: disposeBatch,
    label: ({ indices: [first] }) => `from image ${first}`,
    signal: watch.signal,
    what: trial.attack,
  });
  for await (const { outcome } of found) {
    nearest.push(...outcome);
    watch.task.update(nearest.length / images.indices.length, `${nearest.length} images`);
    await breathe(watch.signal);
  }
  watch.task.note(`the nearest adversarial images of ${nearest.length}`);
  return epsilons.map((epsilon) => foundWithin(nearest, epsilon));
}

/** An example with the distance of its adversarial image, infinite where there is none. */
interface Nearest extends Omit<ExampleOutcome, "robust"> {
  readonly distance: number;
}

async function nearestOf(
  { classifier, norm, seed }: Trial,
  attack: Attack,
  { images, labels, indices }: Batch,
): Promise<Nearest[]> {
  const measured = tf.tidy(() => {
    const found = attack(classifier, images, labels, random(seed).forRows(indices));
    const [clean, attacked] = [classifier(images), classifier(found)];
    const nan = tf.logicalOr(hasNaN(clean), hasNaN(attacked));
    const distance = perExampleNorm(tf.sub(found, images), norm);
    return tf.stack(
      [labels, misclassified(clean, labels), misclassified(attacked, labels), distance, tf.cast(nan, "float32")].map(
        (column) => tf.cast(column, "float32"),
      ),
      1,
    );
  });
  try {
    const values = await measured.data();
    return Array.from(indices, (index, row) => {
      const [label = Number.NaN, wrong, broken, distance = Number.NaN, nan] = values.subarray(5 * row, 5 * row + 5);
      const reached = broken === 1 ? distance : Number.POSITIVE_INFINITY;
      return { index, label, natural: wrong === 0, nan: nan === 1, distance: reached };
    });
  } finally {
    measured.dispose();
  }
}

function foundWithin(nearest: readonly Nearest[], epsilon: number): Found {
  const perExample = nearest.map(({ distance, ...example }) => {
    const broken = example.natural && distance <= epsilon;
    return { ...example, robust: example.natural && !broken, ...(broken ? { brokenBy: { distance } } : {}) };
  });
  const share = (flag: "natural" | "robust"): number =>
    perExample.filter((example) => example[flag]).length / perExample.length;
  return { naturalAccuracy: share("natural"), robustAccuracy: share("robust"), perExample };
}
