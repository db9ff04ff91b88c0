import * as tf from "@tensorflow/tfjs-core";
import { batchNorm } from "./batch-norm";
import { convolution } from "./convolution";
import type { Initializer } from "./initializer";
import type { Layer } from "./layer";
import type { ParameterStore } from "./parameter-store";

export interface ResidualBlockOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly stride: 1 | 2;
  readonly momentum: number;
  /** Of the convolutions. */
  readonly initializer: Initializer;
  /** Name of the shortcut's convolution. */
  readonly shortcut: string;
}

/** Declares a pre-activation block, in which batch norm and ReLU come before each convolution. */
export type ResidualBlock = (store: ParameterStore, name: string, options: ResidualBlockOptions) => Layer;

/** Two 3×3 convolutions. */
export const basicBlock: ResidualBlock = (store, name, options) => {
  const { inputs, outputs, stride, momentum, initializer } = options;
  const norm1 = batchNorm(store, `${name}.bn1`, inputs, momentum);
  const convolution1 = convolution(store, `${name}.conv1`, { inputs, outputs, size: 3, stride, initializer });
  const norm2 = batchNorm(store, `${name}.bn2`, outputs, momentum);
  const convolution2 = convolution(store, `${name}.conv2`, { inputs: outputs, outputs, size: 3, initializer });
  const shortcut = shortcutConvolution(store, name, options);
  return (x, mode) =>
    tf.tidy(() => {
      const activated = tf.relu(norm1(x, mode));
      const middle = tf.relu(norm2(convolution1(activated), mode));
      return tf.add(convolution2(middle), shortcut?.(activated) ?? x);
    });
};

/** How many times wider than its 3×3 convolution a bottleneck's output is. */
export const bottleneckExpansion = 4;

/** 1×1, 3×3 and 1×1 convolutions, the first two with a quarter of the outputs. */
export const bottleneckBlock: ResidualBlock = (store, name, options) => {
  const { inputs, outputs, stride, momentum, initializer } = options;
  const width = outputs / bottleneckExpansion;
  const norm1 = batchNorm(store, `${name}.bn1`, inputs, momentum);
  const convolution1 = convolution(store, `${name}.conv1`, { inputs, outputs: width, size: 1, initializer });
  const norm2 = batchNorm(store, `${name}.bn2`, width, momentum);
  const convolution2 = convolution(store, `${name}.conv2`, {
    inputs: width,
    outputs: width,
    size: 3,
    stride,
    initializer,
  });
  const norm3 = batchNorm(store, `${name}.bn3`, width, momentum);
  const convolution3 = convolution(store, `${name}.conv3`, { inputs: width, outputs, size: 1, initializer });
  const shortcut = shortcutConvolution(store, name, options);
  return (x, mode) =>
    tf.tidy(() => {
      const activated = tf.relu(norm1(x, mode));
      const narrow = tf.relu(norm2(convolution1(activated), mode));
      const middle = tf.relu(norm3(convolution2(narrow), mode));
      return tf.add(convolution3(middle), shortcut?.(activated) ?? x);
    });
};

/** What an identity cannot do: change the size or the channels. It takes the activated input, an identity the input. */
function shortcutConvolution(store: ParameterStore, name: string, options: ResidualBlockOptions) {
  const { inputs, outputs, stride, initializer, shortcut } = options;
  if (stride === 1 && inputs === outputs) return undefined;
  return convolution(store, `${name}.${shortcut}`, { inputs, outputs, size: 1, stride, initializer });
}
