import * as tf from "@tensorflow/tfjs-core";
import { type Initializer, uniformByFanIn } from "./initializer";
import type { ParameterStore } from "./parameter-store";

export interface ConvolutionOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** The side of the square filter: 1, or 3 with a border of one zero. */
  readonly size: 1 | 3;
  /** @default 1 */
  readonly stride?: 1 | 2;
  /** @default PyTorch's */
  readonly initializer?: Initializer;
}

/** A convolution without a bias, aligned as PyTorch's with `padding = (size − 1) / 2`. */
export function convolution(
  store: ParameterStore,
  name: string,
  options: ConvolutionOptions,
): (x: tf.Tensor4D) => tf.Tensor4D {
  const { inputs, outputs, size, stride = 1, initializer = uniformByFanIn } = options;
  const filter = store.parameter(
    `${name}.weight`,
    [size, size, inputs, outputs],
    initializer,
  ) as tf.Variable<tf.Rank.R4>;
  if (stride === 1) return (x) => tf.conv2d(x, filter, 1, "same");
  if (size === 1) return (x) => tf.conv2d(x, filter, stride, "valid");
  // TensorFlow's "same" would put the whole border behind even-sized images, PyTorch puts one row before, one behind.
  return (x) =>
    // TensorFlow's own kernels of the gradients take no padding in numbers.
    tf.getBackend() === "tensorflow"
      ? tf.conv2d(tf.pad(x, border), filter, stride, "valid")
      : tf.conv2d(x, filter, stride, 1);
}

const border: [number, number][] = [
  [0, 0],
  [1, 1],
  [1, 1],
  [0, 0],
];
