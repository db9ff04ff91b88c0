import type { NamedTensors } from "@awp/core";
import { type ContractKernel, type Kernels, runNamedKernel } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";

/** What shares one length: each tensor, each output filter (the last axis; a rank 1 tensor is one), or all tensors. */
export type Scaling = "layer" | "filter" | "global";

/** The norms of groups of some tensors, one after the other. */
export type GroupNorms = Tensor1D;

/** The Euclidean norm of each group of the tensors, of which there is at least one; a new tensor. */
export function groupNorms(tensors: NamedTensors, scaling: Scaling): GroupNorms {
  return runNamedKernel(normsKernel, numbered("tensor", [...tensors.values()]), { count: tensors.size, scaling });
}

/**
 * `length · norm · d / ‖d‖` for each group, 0 where d is 0; new tensors. The norms are those of groups of tensors in the
 * shapes of the directions.
 */
export function rescaledTo(
  norms: GroupNorms,
  directions: NamedTensors,
  scaling: Scaling,
  lengths: readonly number[],
): NamedTensors {
  const inputs = { ...numbered("direction", [...directions.values()]), norms };
  const attributes = { count: directions.size, scaling, lengths };
  const results = runNamedKernel(rescaledKernel, inputs as Kernels["GroupRescaled"]["inputs"], attributes);
  return new Map([...directions.keys()].map((name, i) => [name, results[i] as Tensor]));
}

/** The norms of each tensor's groups under its name, in a shape that broadcasts to the tensor; new tensors. */
export function normsByName(norms: GroupNorms, tensors: NamedTensors, scaling: Scaling): NamedTensors {
  const parts = normsOfEach(norms, [...tensors.values()], scaling);
  return new Map([...tensors.keys()].map((name, i) => [name, parts[i] as Tensor]));
}

/** The norms to divide by: 1 instead of 0. */
export function divisor(norms: Tensor): Tensor {
  return tf.where(tf.greater(norms, 0), norms, tf.onesLike(norms));
}

/** `d / ‖d‖ · (norm · length)` for each tensor, with norms that broadcast to it. */
export function scaledDirection(direction: Tensor, own: Tensor, norm: Tensor, length: number | Tensor): Tensor {
  return tf.mul(tf.div(direction, divisor(own)), tf.mul(norm, length));
}

/**
 * Entries are divided by the largest before they are squared, so that gradients of 1e-30 have a norm in float32; sums
 * go by rows first, which keeps digits on backends that add up in float32.
 */
const normsKernel: ContractKernel<"GroupNorms"> = {
  name: "GroupNorms",
  composite: (inputs, { count, scaling }) => {
    const tensors = Array.from({ length: count }, (_, i) => inputs[`tensor${i}`] as Tensor);
    if (scaling === "filter") return tf.concat(tensors.map((tensor) => atLeast1D(filterNorms(tensor)))) as Tensor1D;
    const norms = tf.stack(tensors.map(tensorNorm)) as Tensor1D;
    return scaling === "layer" ? norms : (atLeast1D(tensorNorm(norms)) as Tensor1D);
  },
};

const rescaledKernel: ContractKernel<"GroupRescaled"> = {
  name: "GroupRescaled",
  composite: (inputs, { count, scaling, lengths }) => {
    const directions = Array.from({ length: count }, (_, i) => inputs[`direction${i}`] as Tensor);
    const norms = normsOfEach(inputs.norms, directions, scaling);
    const own = normsKernel.composite(numbered("tensor", directions), { count, scaling });
    const ownNorms = normsOfEach(own, directions, scaling);
    return directions.map((direction, i) =>
      scaledDirection(direction, ownNorms[i] as Tensor, norms[i] as Tensor, lengths[i] as number),
    );
  },
};

function normsOfEach(norms: GroupNorms, tensors: readonly Tensor[], scaling: Scaling): Tensor[] {
  if (scaling === "global") return tensors.map(() => tf.reshape(norms, []));
  let at = 0;
  return tensors.map((tensor) => {
    const byFilter = scaling === "filter" && tensor.rank > 1;
    const size = byFilter ? (tensor.shape.at(-1) as number) : 1;
    const part = tf.slice(norms, at, size);
    at += size;
    return byFilter ? part : tf.reshape(part, []);
  });
}

function tensorNorm(tensor: Tensor): Tensor {
  return tf.tidy(() => normAlong(0, normAlong(1, asMatrix(tensor))));
}

function filterNorms(tensor: Tensor): Tensor {
  return tensor.rank > 1 ? tf.tidy(() => normAlong(0, asMatrix(tensor))) : tensorNorm(tensor);
}

function asMatrix(tensor: Tensor): Tensor {
  return tf.reshape(tensor, [-1, tensor.shape[tensor.rank - 1] ?? 1]);
}

function normAlong(axis: number, tensor: Tensor): Tensor {
  const largest = tf.max(tf.abs(tensor), axis, true);
  const squares = tf.square(tf.div(tensor, divisor(largest)));
  return tf.squeeze(tf.mul(largest, tf.sqrt(tf.sum(squares, axis, true))), [axis]);
}

function atLeast1D(tensor: Tensor): Tensor {
  return tf.reshape(tensor, [-1]);
}

function numbered(role: string, tensors: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(tensors.map((tensor, i) => [`${role}${i}`, tensor]));
}
