import type { Batch, ProcessGroup } from "@awp/core";
import { inShares, type SharedOutcome } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";

export interface SharedBatches<Outcome> {
  readonly group: ProcessGroup | undefined;
  readonly batches: Iterable<Batch> | AsyncIterable<Batch>;
  readonly work: (batch: Batch) => Promise<Outcome>;
  readonly signal: AbortSignal | undefined;
  readonly what: string;
}

/** Batches by shares of the ranks; each is disposed. */
export function sharedBatches<Outcome>({
  batches,
  ...shared
}: SharedBatches<Outcome>): AsyncGenerator<SharedOutcome<Outcome>, void> {
  return inShares({
    ...shared,
    units: batches,
    label: ({ indices }) => `${indices.length} images, ${indices[0]} to ${indices.at(-1)}`,
    release: ({ images, labels }) => tf.dispose([images, labels]),
  });
}
