import type { Batch } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { disposeBatch } from "./batches";
import { requireShard, type Shard, shareOf } from "./shard";

/**
 * A shard's rows of batches that are whole, and the same, in every process: of what mixes a batch's images with one
 * another, for example, which must see them all. They are made whole and cut; `batches` makes its shard's rows alone.
 *
 * Each batch belongs to who receives it; those that it is cut from are freed.
 *
 * @example
 * const order = random(0).fold(epoch);
 * const whole = mixup(batches(trainSet, { batchSize: 128, random: order }), { classes: 10, random: order });
 * const own = sharded(whole, group);
 * @throws ArgumentError for a shard that cannot be, and at a batch with fewer rows than there are shards
 */
export function sharded(batches: Iterable<Batch>, shard: Shard): Iterable<Batch> {
  requireShard(shard);
  return {
    *[Symbol.iterator]() {
      for (const batch of batches) yield shared(batch, shard);
    },
  };
}

function shared(batch: Batch, shard: Shard): Batch {
  const { images, labels, indices } = batch;
  try {
    const [start, end] = shareOf(indices.length, shard);
    requireArgument(indices.length >= shard.size, "batches", indices.length, `a row for each of ${shard.size} shards`);
    return {
      images: tf.slice(images, start, end - start),
      labels: tf.slice(labels, start, end - start),
      indices: indices.slice(start, end),
    };
  } finally {
    disposeBatch(batch);
  }
}
