import * as tf from "@tensorflow/tfjs-core";
import { type Initializer, uniformByFanIn, uniformWithin } from "./initializer";
import type { ParameterStore } from "./parameter-store";

/**
 * Where the zeros lie that a 3×3 filter with stride 2 sees beyond an image of even size: `"pytorch"`, a row and a column
 * on every side, as `padding = 1` puts them; `"tensorflow"`, on the right and at the bottom alone, as "same" does.
 */
export type Alignment = "pytorch" | "tensorflow";

export interface ConvolutionOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** The side of the square filter: 1, or 3 with a border of one zero. */
  readonly size: 1 | 3;
  /** @default 1 */
  readonly stride?: 1 | 2;
  /** @default "pytorch" */
  readonly alignment?: Alignment;
  /** Whether a number is added to each output channel. @default false */
  readonly bias?: boolean;
  /** @default PyTorch's */
  readonly initializer?: Initializer;
}

/** A convolution with the border of `padding = (size − 1) / 2` in PyTorch, or of TensorFlow's "same". */
export function convolution(
  store: ParameterStore,
  name: string,
  options: ConvolutionOptions,
): (x: tf.Tensor4D) => tf.Tensor4D {
  const { inputs, outputs, size, bias = false, initializer = uniformByFanIn } = options;
  const filter = store.parameter(
    `${name}.weight`,
    [size, size, inputs, outputs],
    initializer,
  ) as tf.Variable<tf.Rank.R4>;
  const convolve = aligned(filter, options);
  if (!bias) return convolve;
  const offset = store.parameter(`${name}.bias`, [outputs], uniformWithin(1 / (size * Math.sqrt(inputs))));
  return (x) => tf.tidy(() => tf.add(convolve(x), offset));
}

function aligned(
  filter: tf.Variable<tf.Rank.R4>,
  { size, stride = 1, alignment = "pytorch" }: ConvolutionOptions,
): (x: tf.Tensor4D) => tf.Tensor4D {
  if (stride === 1 || alignment === "tensorflow") return (x) => tf.conv2d(x, filter, stride, "same");
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
