import type { Attack, Batch, Classifier, ProcessGroup, Random } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { ExampleOutcome } from "../engine/example-outcome";
import { outcomes } from "./outcome";
import { sharedBatches } from "./shared-batches";

export interface EvaluateOptions {
  readonly classifier: Classifier;
  readonly attack: Attack;
  /** The examples. Consumed: each batch's images and labels are disposed after use. */
  readonly batches: Iterable<Batch> | AsyncIterable<Batch>;
  /** The rows of a batch draw by their indices in the data set, so that results do not depend on the batch size. */
  readonly random: Random;
  /**
   * Processes that share the batches, batch b being done by rank b mod size. Each is given the same options and makes the
   * same batches, and has the events and the result of one process, to the bit where the devices compute alike. `signal`
   * then changes on all ranks alike, when the group gathers. @default none: this process alone
   */
  readonly group?: ProcessGroup;
  /** Stops between two batches, with the signal's reason: an `AbortError` unless told otherwise. */
  readonly signal?: AbortSignal;
}

/** What is told after each batch: counts so far. */
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
  /** The share of clean images that are classified correctly, from 0 to 1. */
  readonly naturalAccuracy: number;
  /** The share of examples that the attack does not break, from 0 to 1. */
  readonly robustAccuracy: number;
  /** Examples that the classifier answers with NaN, clean or under attack; they count as wrong. */
  readonly nan: number;
  /** How each example fared, in the order of the batches. */
  readonly perExample: readonly ExampleOutcome[];
}

/**
 * Natural and robust accuracy: an example is robust when the classifier is right on it and on what the attack returns,
 * which is classified afresh.
 *
 * Yields an event after each batch and returns the whole; `drain` of core runs it to the end.
 *
 * @example
 * const attack = pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 20 });
 * const test = batches(testSet, { batchSize: 128 });
 * const { robustAccuracy } = await drain(evaluate({ classifier, attack, batches: test, random: random(0) }));
 * @throws ArgumentError without a single example.
 */
export async function* evaluate(options: EvaluateOptions): AsyncGenerator<EvaluateEvent, Robustness> {
  const { classifier, attack, batches, random, group, signal } = options;
  const perExample: ExampleOutcome[] = [];
  const count = (flag: "natural" | "robust" | "nan"): number => perExample.filter((example) => example[flag]).length;
  signal?.throwIfAborted();
  const work = (batch: Batch) => outcomes(classifier, attack, batch, random);
  for await (const { outcome } of sharedBatches({ group, batches, work, signal, what: "evaluation" })) {
    perExample.push(...outcome);
    yield { kind: "batch", examples: perExample.length, natural: count("natural"), robust: count("robust") };
    await tf.nextFrame(); // lets timers and signals in: on some backends nothing above leaves the microtasks
  }
  const examples = perExample.length;
  requireArgument(examples > 0, "batches", "no example", "at least one");
  return {
    examples,
    naturalAccuracy: count("natural") / examples,
    robustAccuracy: count("robust") / examples,
    nan: count("nan"),
    perExample,
  };
}
