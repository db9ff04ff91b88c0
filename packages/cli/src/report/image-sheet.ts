import { pgd } from "@awp/attacks";
import { type Attack, AwpError, type Batch, type Classifier, type Random, random } from "@awp/core";
import { batches, type Dataset, disposeBatch, subset } from "@awp/data";
import { disposeNetwork } from "@awp/models";
import { loadWeights } from "@awp/models/node";
import type { ImageSheet, SheetRow } from "@awp/report";
import * as tf from "@tensorflow/tfjs-core";
import { checkpointsIn } from "../landscape/checkpoints";
import { in255ths } from "@awp/core/authoring";
import type { TrainingFolder } from "../runs/training-folder";
import { trainingNetwork } from "../runs/training-network";
import { draws } from "../train/draws";
import { loadImages } from "../train/images";
import { recipeOf } from "../train/recipe-of";

/**
 * The first test images of a training, what its attack makes of them with the steps of the evaluation at its end, and
 * what its newest weights take them for. It leaves no tensor behind.
 *
 * @throws AwpError where no weights have been kept yet, or they or the images cannot be read.
 */
export async function imageSheet(training: TrainingFolder, count: number): Promise<ImageSheet> {
  const { path, config, method, seed } = training;
  const weights = checkpointsIn(path).at(-1);
  if (weights === undefined) throw new AwpError(`${path}: no weights have been kept yet`);
  const { test } = await loadImages({ ...config, seed });
  const images = subset(test, { end: Math.min(count, test.indices.length) });
  const network = trainingNetwork(config, images);
  try {
    await loadWeights(network, weights.file);
    const { threat, attack } = recipeOf(config, method);
    const { steps } = config.evaluation;
    const [height, width, channels] = images.shape;
    return {
      ...{ height, width, channels: channels as ImageSheet["channels"] },
      attack: `PGD-${steps}, ${threat.norm === "linf" ? "ℓ∞" : "ℓ2"} ${in255ths(threat.epsilon) ?? threat.epsilon}`,
      rows: await rowsOf(images, {
        classifier: (x) => network.forward(x, "eval"),
        attack: pgd({ ...threat, stepSize: attack.stepSize, steps }),
        source: random(seed).fold(draws.evaluation),
      }),
    };
  } finally {
    disposeNetwork(network);
  }
}

interface Attacked {
  readonly classifier: Classifier;
  readonly attack: Attack;
  readonly source: Random;
}

/** Few at a time, so that a large network finds room. */
const batchSize = 16;

async function rowsOf(images: Dataset, attacked: Attacked): Promise<readonly SheetRow[]> {
  const nameOf = (label: number | undefined): string => images.classNames[label ?? -1] ?? "none";
  const rows: SheetRow[] = [];
  for (const batch of batches(images, { batchSize })) {
    const { clean, adversarial, labels, predicted, predictedAdversarial } = await answersTo(batch, attacked);
    const size = clean.length / labels.length;
    for (const [i, label] of labels.entries()) {
      rows.push({
        image: clean.slice(i * size, (i + 1) * size),
        adversarial: adversarial.slice(i * size, (i + 1) * size),
        label: nameOf(label),
        predicted: nameOf(predicted[i]),
        predictedAdversarial: nameOf(predictedAdversarial[i]),
      });
    }
  }
  return rows;
}

/** Attacks a batch, which is gone afterwards, and reads everything back. */
async function answersTo(batch: Batch, { classifier, attack, source }: Attacked) {
  const found = tf.tidy(() => {
    const { images, labels, indices } = batch;
    const x = attack(classifier, images, labels, source.forRows(indices));
    return { x, seen: tf.argMax(classifier(images), 1), fooled: tf.argMax(classifier(x), 1) };
  });
  try {
    return {
      clean: bytesOf(await batch.images.data<"float32">()),
      adversarial: bytesOf(await found.x.data<"float32">()),
      labels: Array.from(await batch.labels.data()),
      predicted: Array.from(await found.seen.data()),
      predictedAdversarial: Array.from(await found.fooled.data()),
    };
  } finally {
    disposeBatch(batch);
    tf.dispose(found);
  }
}

const bytesOf = (values: Float32Array): Uint8Array => Uint8Array.from(values, (value) => Math.round(255 * value));
