import * as tf from "@tensorflow/tfjs-core";
import { zeros } from "./initializer";
import type { DeclaredLayer } from "./layer";

/**
 * MeanSparse (arXiv:2406.05927): what lies nearer to its channel's mean than `threshold` standard deviations becomes the
 * mean. Mean, variance and threshold are buffers that no pass moves; at threshold 0, as at first, nothing changes.
 *
 * As in PyTorch no gradient passes what has become the mean, which is how the operator hides it from attacks: on
 * RobustBench its models lose two points and more to attacks that go straight through it.
 */
export const meanSparse: DeclaredLayer = (store, name, channels) => {
  const mean = store.buffer(`${name}.running_mean`, [channels], zeros);
  const variance = store.buffer(`${name}.running_var`, [channels], zeros);
  const threshold = store.buffer(`${name}.threshold`, [], zeros);
  return (x) => tf.tidy(() => sparsified(x, mean, tf.mul(threshold, tf.sqrt(variance))));
};

/** The mean where x is nearer to it than `reach`, else x; the gradient passes where it is x. */
const sparsified = tf.customGrad((...inputs) => {
  const [x, mean, reach, save] = inputs as unknown as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
  const near = tf.less(tf.abs(tf.sub(x, mean)), reach);
  save([near]);
  return {
    value: tf.where(near, mean, x),
    gradFunc: (dy: tf.Tensor, [near]: tf.Tensor[]) => [
      tf.where(near as tf.Tensor, 0, dy),
      ...[mean, reach].map(({ shape }) => tf.zeros(shape)), // constants: nothing asks for their gradients
    ],
  };
}) as (x: tf.Tensor4D, mean: tf.Tensor, reach: tf.Tensor) => tf.Tensor4D;
