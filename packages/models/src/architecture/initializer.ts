import { normal, type Random, uniform } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";

/** A function that draws a variable's first value. */
export type Initializer = (shape: readonly number[], random: Random) => tf.Tensor;

/** Zeros, for offsets and running means. */
export const zeros: Initializer = (shape) => tf.zeros([...shape]);

/** Ones, for scales and running variances. */
export const ones: Initializer = (shape) => tf.ones([...shape]);

/** The uniform distribution U(−bound, bound). */
export function uniformWithin(bound: number): Initializer {
  return (shape, random) => uniform(random, shape, -bound, bound);
}

/** PyTorch's default for the weights of convolutions and dense layers: U(−1/√fanIn, 1/√fanIn). */
export const uniformByFanIn: Initializer = (shape, random) => {
  const fanIn = product(shape.slice(0, -1));
  return uniformWithin(1 / Math.sqrt(fanIn))(shape, random);
};

/** WideResNet's start for convolutions: N(0, 2/fanOut) (He et al., arXiv:1502.01852). */
export const normalByFanOut: Initializer = (shape, random) => {
  const fanOut = product([...shape.slice(0, -2), ...shape.slice(-1)]);
  return normal(random, shape, 0, Math.sqrt(2 / fanOut));
};

const product = (sizes: readonly number[]): number => sizes.reduce((product, size) => product * size, 1);
