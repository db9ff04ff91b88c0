import { batchNormTraining } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { type LayerLike, type LayerVariableLike, variableOf } from "./layers-model";

/** The part of a `tf.layers.batchNormalization` that is used here. */
interface BatchNormalizationLike extends LayerLike {
  /** A number; in models converted from Keras a list of one. */
  readonly axis: number | readonly [number];
  /** The share of the moving statistics that stays: 1 − PyTorch's momentum. */
  readonly momentum: number;
  readonly epsilon: number;
  readonly gamma?: LayerVariableLike;
  readonly beta?: LayerVariableLike;
  readonly movingMean: LayerVariableLike;
  readonly movingVariance: LayerVariableLike;
}

/**
 * A batch normalisation's work by its moving statistics. TensorFlow.js's own kernel has no gradient without `scale`, as
 * Inception has it, and takes longer on wasm than these two passes.
 */
export function normalizeByMoving(layer: LayerLike, x: tf.Tensor): tf.Tensor {
  const { epsilon, gamma, beta, movingMean, movingVariance } = layer as BatchNormalizationLike;
  const inverse = tf.rsqrt(tf.add(movingVariance.read(), epsilon));
  const factor = gamma === undefined ? inverse : tf.mul(gamma.read(), inverse);
  const shift = tf.sub(beta?.read() ?? 0, tf.mul(movingMean.read(), factor));
  // Along the axis, to be broadcast over those behind it.
  const along = x.shape.slice(axisOf(layer, x)).map((size, index) => (index === 0 ? size : 1));
  return tf.add(tf.mul(x, tf.reshape(factor, along)), tf.reshape(shift, along));
}

/**
 * A batch normalisation's work by the batch's statistics. TensorFlow.js's own moves the statistics in each such pass, and
 * fails without `scale` or `center`; this one moves them where `moves` says so, by the same rule: the biased variance,
 * and `momentum` is what stays.
 */
export function normalizeByBatch(layer: LayerLike, x: tf.Tensor, moves: boolean): tf.Tensor {
  const { momentum, epsilon, gamma, beta, movingMean, movingVariance } = layer as BatchNormalizationLike;
  return withAxisLast(x, axisOf(layer, x), (ordered) => {
    const channels = ordered.shape.at(-1) as number;
    const maps = tf.reshape(ordered, [ordered.shape[0] as number, -1, 1, channels]) as tf.Tensor4D;
    const scale = (gamma?.read() ?? tf.ones([channels])) as tf.Tensor1D;
    const offset = (beta?.read() ?? tf.zeros([channels])) as tf.Tensor1D;
    const running = { mean: variableOf(movingMean), variance: variableOf(movingVariance), momentum: 1 - momentum };
    const { output } = batchNormTraining(maps, scale, offset, epsilon, "none", moves ? running : undefined);
    return tf.reshape(output, ordered.shape);
  });
}

function axisOf(layer: LayerLike, { rank }: tf.Tensor): number {
  return (Number((layer as BatchNormalizationLike).axis) + rank) % rank;
}

/** Applies `body` to the tensor with that axis moved to the end, and moves it back. */
function withAxisLast(x: tf.Tensor, axis: number, body: (x: tf.Tensor) => tf.Tensor): tf.Tensor {
  if (axis === x.rank - 1) return body(x);
  const others = x.shape.map((_, index) => index).filter((index) => index !== axis);
  const order = [...others, axis];
  const back = x.shape.map((_, index) => order.indexOf(index));
  return tf.transpose(body(tf.transpose(x, order)), back);
}
