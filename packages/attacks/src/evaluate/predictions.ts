import type { Batch, Classifier, ProcessGroup } from "@awp/core";
import { hasNaN, requireArgument } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { sharedBatches } from "./shared-batches";

export interface PredictionsOptions {
  readonly classifier: Classifier;
  /** Disposed batch by batch; the labels are not looked at. */
  readonly batches: Iterable<Batch> | AsyncIterable<Batch>;
  /** Processes that share the batches, as those of `evaluate` do. @default none: this process alone */
  readonly group?: ProcessGroup;
  /** Stops between two batches, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What is told after each batch. */
export interface PredictionsEvent {
  readonly kind: "batch";
  /** Images predicted so far. */
  readonly examples: number;
}

/** What a classifier says of images, in the order of the batches. */
export interface Predictions {
  /** The index of each image in its data set. */
  readonly indices: Int32Array;
  /** The likeliest class; −1 where the classifier answers with NaN. */
  readonly classes: Int32Array;
  /** The softmax of that class, from 1 / classes to 1; 0 where the classifier answers with NaN. */
  readonly confidences: Float32Array;
}

/**
 * The likeliest class of each image and its softmax: pseudo-labels, for instance.
 *
 * Yields an event after each batch and returns the whole; `drain` of core runs it to the end.
 *
 * @example
 * const found = await drain(predictions({ classifier, batches: batches(unlabelled, { batchSize: 256 }) }));
 * const sure = found.classes.map((label, place) => (found.confidences[place]! > 0.9 ? label : -1));
 * @throws ArgumentError for a batch whose indices do not fit its images.
 */
export async function* predictions(options: PredictionsOptions): AsyncGenerator<PredictionsEvent, Predictions> {
  const { classifier, batches, group, signal } = options;
  const indices: number[] = [];
  const classes: number[] = [];
  const confidences: number[] = [];
  signal?.throwIfAborted();
  const work = async (batch: Batch) => ({ own: batch.indices, answers: await answersTo(classifier, batch) });
  for await (const { outcome } of sharedBatches({ group, batches, work, signal, what: "predictions" })) {
    const { own, answers } = outcome;
    indices.push(...own);
    classes.push(...answers.subarray(0, own.length));
    confidences.push(...answers.subarray(own.length));
    yield { kind: "batch", examples: indices.length };
    await tf.nextFrame(); // lets timers and signals in: on some backends nothing above leaves the microtasks
  }
  return {
    indices: Int32Array.from(indices),
    classes: Int32Array.from(classes),
    confidences: Float32Array.from(confidences),
  };
}

/** The classes of all rows, then their softmaxes, read back at once. */
async function answersTo(classifier: Classifier, { images, indices }: Batch): Promise<Float32Array> {
  const [rows] = images.shape;
  requireArgument(indices.length === rows, "batch.indices", indices.length, `${rows}, one per image`);
  const answers = tf.tidy(() => {
    const logits = classifier(images);
    const lost = hasNaN(logits);
    const likeliest = tf.cast(tf.argMax(logits, -1), "float32");
    const confidence = tf.exp(tf.max(tf.logSoftmax(logits), -1));
    return tf.concat([tf.where(lost, tf.scalar(-1), likeliest), tf.where(lost, tf.scalar(0), confidence)]);
  });
  try {
    return await answers.data<"float32">();
  } finally {
    answers.dispose();
  }
}
