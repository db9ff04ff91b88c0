import type { Attack, Batch, Classifier, Random } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { joined, type Outcomes, outcomes } from "./outcome";

export interface EvaluateOptions {
  readonly classifier: Classifier;
  readonly attack: Attack;
  /** Consumed: each batch's images and labels are disposed after use. */
  readonly batches: Iterable<Batch> | AsyncIterable<Batch>;
  /** A batch's rows draw by their indices in the data set, so that results do not depend on the batch size. */
  readonly random: Random;
  /** Stops between two batches, with the signal's reason: an `AbortError` unless told otherwise. */
  readonly signal?: AbortSignal;
}

/** Counts so far, after each batch. */
export interface EvaluateEvent {
  readonly kind: "batch";
  readonly examples: number;
  /** Images classified correctly. */
  readonly natural: number;
  /** Images classified correctly whose adversarial image is too. */
  readonly robust: number;
}

export interface Robustness {
  readonly examples: number;
  /** From 0 to 1. */
  readonly naturalAccuracy: number;
  /** From 0 to 1. */
  readonly robustAccuracy: number;
  /** Examples that the classifier answers with NaN, clean or under attack; they count as wrong. */
  readonly nan: number;
  readonly perExample: Outcomes;
}

/**
 * Natural and robust accuracy: an example is robust when the classifier is right on it and on what the attack returns,
 * which is classified afresh.
 *
 * Yields an event after each batch and returns the whole; `drain` of core runs it to the end.
 *
 * @throws ArgumentError without a single example.
 */
export async function* evaluate(options: EvaluateOptions): AsyncGenerator<EvaluateEvent, Robustness> {
  const { classifier, attack, batches, random, signal } = options;
  const parts: Outcomes[] = [];
  let [examples, natural, robust, nan] = [0, 0, 0, 0];
  signal?.throwIfAborted();
  for await (const batch of batches) {
    try {
      signal?.throwIfAborted();
      const part = await outcomes(classifier, attack, batch, random);
      parts.push(part);
      examples += part.index.length;
      natural += count(part.natural);
      robust += count(part.robust);
      nan += count(part.nan);
    } finally {
      tf.dispose([batch.images, batch.labels]);
    }
    yield { kind: "batch", examples, natural, robust };
  }
  requireArgument(examples > 0, "batches", "no example", "at least one");
  return {
    examples,
    naturalAccuracy: natural / examples,
    robustAccuracy: robust / examples,
    nan,
    perExample: joined(parts),
  };
}

function count(flags: Int32Array): number {
  return flags.reduce((sum, flag) => sum + flag, 0);
}
