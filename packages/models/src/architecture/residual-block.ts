import * as tf from "@tensorflow/tfjs-core";
import { batchNorm } from "./batch-norm";
import { convolution } from "./convolution";
import type { Initializer } from "./initializer";
import { type Layer, sequence } from "./layer";
import type { ParameterStore } from "./parameter-store";

export interface ResidualBlockOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly stride: 1 | 2;
  readonly momentum: number;
  /** The first values of the convolutions. */
  readonly initializer: Initializer;
  /** The name of the shortcut's convolution. */
  readonly shortcut: string;
}

/** A function that declares a pre-activation block, in which batch norm and ReLU come before each convolution. */
export type ResidualBlock = (store: ParameterStore, name: string, options: ResidualBlockOptions) => Layer;

/** The basic block: two 3×3 convolutions. */
export const basicBlock: ResidualBlock = (store, name, options) => {
  const { inputs, outputs, stride, momentum, initializer } = options;
  const norm1 = batchNorm(store, `${name}.bn1`, inputs, momentum, "relu");
  const convolution1 = convolution(store, `${name}.conv1`, { inputs, outputs, size: 3, stride, initializer });
  const norm2 = batchNorm(store, `${name}.bn2`, outputs, momentum, "relu");
  const convolution2 = convolution(store, `${name}.conv2`, { inputs: outputs, outputs, size: 3, initializer });
  const shortcut = shortcutConvolution(store, name, options);
  return residual(norm1, [convolution1, norm2, convolution2], shortcut);
};

/** The width of a bottleneck's output, in widths of its 3×3 convolution. */
export const bottleneckExpansion = 4;

/** The bottleneck block: 1×1, 3×3 and 1×1 convolutions, the first two with a quarter of the outputs. */
export const bottleneckBlock: ResidualBlock = (store, name, options) => {
  const { inputs, outputs, stride, momentum, initializer } = options;
  const width = outputs / bottleneckExpansion;
  const norm1 = batchNorm(store, `${name}.bn1`, inputs, momentum, "relu");
  const convolution1 = convolution(store, `${name}.conv1`, { inputs, outputs: width, size: 1, initializer });
  const norm2 = batchNorm(store, `${name}.bn2`, width, momentum, "relu");
  const convolution2 = convolution(store, `${name}.conv2`, {
    inputs: width,
    outputs: width,
    size: 3,
    stride,
    initializer,
  });
  const norm3 = batchNorm(store, `${name}.bn3`, width, momentum, "relu");
  const convolution3 = convolution(store, `${name}.conv3`, { inputs: width, outputs, size: 1, initializer });
  const shortcut = shortcutConvolution(store, name, options);
  return residual(norm1, [convolution1, norm2, convolution2, norm3, convolution3], shortcut);
};

/** The sum of branch and shortcut, both of the normalised and activated input; an identity takes the input itself. */
function residual(activate: Layer, branch: readonly Layer[], shortcut: Layer | undefined): Layer {
  const compute = sequence(branch);
  return (x, mode) =>
    tf.tidy(() => {
      const activated = activate(x, mode);
      return addMaps(compute(activated, mode), shortcut?.(activated, mode) ?? x);
    });
}

/** The sum of two tensors of one shape. `tf.add` would keep both for the backward pass, which reads neither. */
const addMaps = tf.customGrad((a, b) => ({
  value: tf.add(a as tf.Tensor, b as tf.Tensor),
  gradFunc: (dy) => [dy, dy],
})) as (a: tf.Tensor4D, b: tf.Tensor4D) => tf.Tensor4D;

/** The shortcut's convolution, where the size or the channels change; elsewhere undefined, for an identity. */
function shortcutConvolution(store: ParameterStore, name: string, options: ResidualBlockOptions) {
  const { inputs, outputs, stride, initializer, shortcut } = options;
  if (stride === 1 && inputs === outputs) return undefined;
  return convolution(store, `${name}.${shortcut}`, { inputs, outputs, size: 1, stride, initializer });
}
