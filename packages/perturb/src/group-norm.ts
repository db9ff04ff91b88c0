import type { NamedTensors } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";

/** What shares one length: each tensor, each output filter (the last axis; a rank 1 tensor is one), or all tensors. */
export type Scaling = "layer" | "filter" | "global";

/**
 * The Euclidean norm of each group, under each tensor's name, in a shape that broadcasts to the tensor.
 *
 * Entries are divided by the largest before they are squared, so that gradients of 1e-30 have a norm in float32; sums
 * go by rows first, which keeps digits on backends that add up in float32.
 */
export function groupNorms(tensors: NamedTensors, scaling: Scaling): NamedTensors {
  const norms = [...tensors].map(([name, tensor]): [string, Tensor] => [
    name,
    scaling === "filter" && tensor.rank > 1 ? filterNorms(tensor) : tensorNorm(tensor),
  ]);
  if (scaling !== "global") return new Map(norms);
  const together = tensorNorm(tf.stack(norms.map(([, norm]) => norm)));
  return new Map(norms.map(([name]) => [name, together]));
}

/** The norms to divide by: 1 instead of 0. */
export function divisor(norms: Tensor): Tensor {
  return tf.where(tf.greater(norms, 0), norms, tf.onesLike(norms));
}

function tensorNorm(tensor: Tensor): Tensor {
  return tf.tidy(() => normAlong(0, normAlong(1, asMatrix(tensor))));
}

function filterNorms(tensor: Tensor): Tensor {
  return tf.tidy(() => normAlong(0, asMatrix(tensor)));
}

function asMatrix(tensor: Tensor): Tensor {
  return tf.reshape(tensor, [-1, tensor.shape[tensor.rank - 1] ?? 1]);
}

function normAlong(axis: number, tensor: Tensor): Tensor {
  const largest = tf.max(tf.abs(tensor), axis, true);
  const squares = tf.square(tf.div(tensor, divisor(largest)));
  return tf.squeeze(tf.mul(largest, tf.sqrt(tf.sum(squares, axis, true))), [axis]);
}
