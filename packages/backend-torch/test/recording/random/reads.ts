import { batchNormTraining } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Choices } from "./choices";

/** Makes a float32 tensor of another one; with `others` to choose a second operand from. */
type Read = (x: tf.Tensor, choices: Choices, others: readonly tf.Tensor[]) => tf.Tensor;

/** The value in (-1, 1), in the order in which its elements are stored: repeated steps must not overflow. */
export const tamed = (x: tf.Tensor): tf.Tensor => tf.tanh(tf.cast(x, "float32"));

const unary: readonly Read[] = [
  (x) => tf.square(x),
  (x) => tf.mul(x, 0.75),
  (x) => tf.neg(x),
  (x) => tf.relu(x),
  (x) => tf.tanh(x),
  (x) => tf.exp(tamed(x)),
  (x) => tf.abs(x),
  (x) => tf.sigmoid(x),
  (x) => tf.clone(x),
  (x) => tf.cast(tf.cast(tf.mul(x, 4), "int32"), "float32"),
  (x) => tf.clipByValue(x, -0.5, 0.75),
  (x) => tf.leakyRelu(x, 0.125),
];

const layout: readonly Read[] = [
  (x, choices) => tf.transpose(x, choices.order(x.rank)),
  (x, choices) => (x.rank === 0 ? x : tf.reverse(x, choices.below(x.rank))),
  (x) => tf.reshape(x, [-1]),
  (x) => tf.expandDims(x, 0),
  (x) => (x.rank === 0 ? tf.clone(x) : tf.concat([x, tf.mul(x, 0.5)], 0)),
  (x, choices) => (x.rank === 0 ? tf.clone(x) : tf.unstack(tf.stack([x, tf.neg(x)]))[choices.below(2)]!),
  (x, choices) => sliced(x, choices),
  (x) =>
    x.rank === 0
      ? tf.neg(x)
      : tf.pad(
          x,
          x.shape.map((_, axis): [number, number] => [axis % 2, 1]),
        ),
  (x) => (x.rank === 0 ? tf.clone(x) : tf.gather(x, tf.tensor1d([0, 0], "int32"), x.rank - 1)),
];

const reductions: readonly Read[] = [
  (x) => tf.sum(x),
  (x) => tf.mean(x),
  (x, choices) => (x.rank === 0 ? x : tf.sum(x, choices.below(x.rank), choices.chance(0.5))),
  (x, choices) => (x.rank === 0 ? x : tf.max(x, choices.below(x.rank))),
  (x, choices) => normalized(x, choices),
];

const binary: readonly Read[] = [
  (x, choices, others) => tf.add(x, partner(x, choices, others)),
  (x, choices, others) => tf.sub(partner(x, choices, others), x),
  (x, choices, others) => tf.mul(x, partner(x, choices, others)),
  (x, choices, others) => tf.maximum(partner(x, choices, others), x),
  (x, choices, others) => tf.where(tf.greater(x, 0), x, partner(x, choices, others)),
  (x, choices, others) => products(x, partner(x, choices, others), choices),
];

/** A random tensor made of `x`. */
export function readOf(x: tf.Tensor, choices: Choices, others: readonly tf.Tensor[]): tf.Tensor {
  const kind = choices.of([unary, layout, reductions, binary]);
  const result = choices.of(kind)(tf.cast(x, "float32"), choices, others);
  return choices.chance(0.6) ? tamed(result) : result;
}

/** A random part, of at least one element. */
export function sliced(x: tf.Tensor, choices: Choices): tf.Tensor {
  if (x.rank === 0) return tf.clone(x);
  const begin = x.shape.map((size) => choices.below(size));
  return tf.slice(
    x,
    begin,
    x.shape.map((size, axis) => 1 + choices.below(size - (begin[axis] as number))),
  );
}

/** Batch normalisation: out of small operations, or a kernel where there is an image. */
function normalized(x: tf.Tensor, choices: Choices): tf.Tensor {
  const channels = x.shape.at(-1) ?? 1;
  if (x.rank === 4 && choices.chance(0.5)) {
    return batchNormTraining(x as tf.Tensor4D, tf.ones([channels]), tf.zeros([channels]), 0.125).output;
  }
  const { mean, variance } = tf.moments(x, x.shape.map((_, axis) => axis).slice(0, -1), true);
  return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 0.125)));
}

/** A tensor of the same shape, or else one that broadcasts. */
function partner(x: tf.Tensor, choices: Choices, others: readonly tf.Tensor[]): tf.Tensor {
  const alike = others.filter(({ dtype, shape }) => dtype === "float32" && tf.util.arraysEqual(shape, x.shape));
  return alike.length > 0 && choices.chance(0.8) ? choices.of(alike) : tf.mean(x);
}

function products(x: tf.Tensor, y: tf.Tensor, choices: Choices): tf.Tensor {
  const columns = x.shape.at(-1) ?? 1;
  const [a, b] = [tf.reshape(x, [-1, columns]), tf.reshape(y.size === x.size ? y : x, [-1, columns])];
  return choices.chance(0.5) ? tf.matMul(a, b, true, false) : tf.matMul(a, b, false, true);
}

/** A convolution of the image by the filter, at times with pooling, or the image's mean where the filter does not fit. */
export function convolved(image: tf.Tensor4D, filter: tf.Tensor, choices: Choices): tf.Tensor {
  const [height, width, inputs] = filter.shape as [number, number, number];
  const channels = tf.tile(tf.mean(image, 3, true), [1, 1, 1, inputs]) as tf.Tensor4D;
  const x = choices.chance(0.5) && image.shape[3] === inputs ? image : channels;
  const fits = height <= x.shape[1] && width <= x.shape[2];
  const pad = choices.of(fits ? (["same", "valid"] as const) : (["same"] as const));
  const y = anyConvolution(x, filter as tf.Tensor4D, choices.of([1, 2]), pad, choices);
  const pool = choices.below(4);
  if (pool === 0) return tf.maxPool(y, 2, 1, "same");
  if (pool === 1) return tf.avgPool(y, 2, 2, "same");
  return pool === 2 ? tf.relu(y) : y;
}

function anyConvolution(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  stride: number,
  pad: "same" | "valid",
  choices: Choices,
): tf.Tensor4D {
  const kind = choices.below(6);
  if (kind === 0) return tf.depthwiseConv2d(x, filter, stride, pad);
  if (kind === 1 && stride === 1) return tf.fused.conv2d({ x, filter, strides: 1, pad, activation: "relu" });
  return tf.conv2d(x, filter, stride, pad);
}
