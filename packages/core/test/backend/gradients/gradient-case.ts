import * as tf from "@tensorflow/tfjs-core";

/** An operation whose gradient is held to finite differences, with inputs away from kinks, jumps and ties. */
export interface GradientCase {
  /** What the case adds to its kernel's name. */
  readonly title?: string;
  /** The shapes of the inputs, all of which are differentiated; their values are {@link spread}. */
  readonly shapes: readonly (readonly number[])[];
  /** The least and the largest value of the inputs; −1 and 1 unless told. */
  readonly range?: readonly [number, number];
  readonly f: (...inputs: never[]) => tf.Tensor;
}

/** Cases by the name of the kernel whose gradient they run. */
export type GradientCases = Readonly<Record<string, readonly GradientCase[]>>;

/** Values of a shape, spaced evenly over a range and mixed: no two are near each other, and none is near 0. */
export function spread(shape: readonly number[], [low, high]: readonly [number, number], salt: number): Float32Array {
  const size = tf.util.sizeFromShape([...shape]);
  const stride = [101, 83, 67, 53, 37, 29, 13, 7, 1].find((prime) => size % prime !== 0 && prime !== 1) ?? 1;
  return Float32Array.from({ length: size }, (_, i) => {
    const place = (i * stride + salt) % size;
    return low + ((place + 0.37) / size) * (high - low);
  });
}

/** Weights that tell every output from every other. */
export function weights(shape: readonly number[]): tf.Tensor {
  const size = tf.util.sizeFromShape([...shape]);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => 0.5 + ((i * 7) % 11) / 11),
    [...shape],
  );
}
