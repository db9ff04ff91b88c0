import * as tf from "@tensorflow/tfjs-core";

/**
 * The gradient of the sum of `f` at `x` by central differences, one entry at a time; a new tensor.
 *
 * In float32 expect about 1e-3 of the gradient's size at the default step.
 */
export function finiteDifference(f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, step = 1e-2): tf.Tensor {
  const values = Float64Array.from(x.dataSync());
  const sumAt = (index: number, value: number): number =>
    tf.tidy(() => {
      const moved = Float32Array.from(values);
      moved[index] = value;
      const terms: ArrayLike<number> = f(tf.tensor(moved, x.shape)).dataSync();
      return Array.from(terms).reduce((total, term) => total + term, 0);
    });
  const gradient = Float32Array.from(values, (value, index) => {
    const above = Math.fround(value + step);
    const below = Math.fround(value - step);
    return (sumAt(index, above) - sumAt(index, below)) / (above - below);
  });
  return tf.tensor(gradient, x.shape);
}
