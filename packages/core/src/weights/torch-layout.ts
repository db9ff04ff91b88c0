import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";

/**
 * A weight in PyTorch's layout: convolution [height, width, in, out] → [out, in, height, width], linear [in, out] →
 * [out, in], any other rank as it is. A new tensor.
 */
export function toTorchLayout(tensor: Tensor): Tensor {
  return transposed(tensor, [3, 2, 0, 1]);
}

/**
 * A weight from PyTorch's layout: convolution [out, in, height, width] → [height, width, in, out], linear [out, in] →
 * [in, out], any other rank as it is. A new tensor.
 */
export function fromTorchLayout(tensor: Tensor): Tensor {
  return transposed(tensor, [2, 3, 1, 0]);
}

function transposed(tensor: Tensor, convolution: number[]): Tensor {
  if (tensor.rank === 4) return tf.transpose(tensor, convolution);
  return tensor.rank === 2 ? tf.transpose(tensor, [1, 0]) : tf.clone(tensor);
}
