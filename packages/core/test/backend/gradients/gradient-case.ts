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

/** The tensors that a case is differentiated at. */
export function inputsOf({ shapes, range = [-1, 1] }: GradientCase): tf.Tensor[] {
  return shapes.map((shape, index) => tf.tensor(spread(shape, range, 5 * index), [...shape]));
}

/** Values of a shape, spaced evenly over a range and mixed: no two are near each other, and none is near 0. */
function spread(shape: readonly number[], [low, high]: readonly [number, number], salt: number): Float32Array {
  const size = tf.util.sizeFromShape([...shape]);
  const stride = [101, 83, 67, 53, 37, 29, 13, 7].find((prime) => size % prime !== 0) ?? 1;
  return Float32Array.from({ length: size }, (_, i) => {
    const place = (i * stride + salt) % size;
    return low + ((place + 0.37) / size) * (high - low);
  });
}

/** The sum of the outputs, each with a weight of its own. */
export function total({ f }: GradientCase, inputs: readonly tf.Tensor[]): tf.Scalar {
  return tf.tidy(() => {
    const y = f(...(inputs as never[]));
    const weights = Float32Array.from({ length: y.size }, (_, i) => weight(i));
    return tf.sum(tf.mul(y, tf.tensor(weights, y.shape)));
  });
}

function weight(index: number): number {
  return 0.5 + ((index * 7) % 11) / 11;
}

/** The slope of {@link total} along each entry of each input by central differences, added up in float64. */
export function slopes(one: GradientCase, step = 4e-3): readonly Float32Array[] {
  const inputs = inputsOf(one);
  const values = inputs.map((input) => input.dataSync<"float32">());
  return values.map((entries, which) =>
    Float32Array.from(entries, (entry, index) => {
      const sumAt = (at: number): number =>
        tf.tidy(() => {
          const moved = entries.slice();
          moved[index] = at;
          const y = one.f(...(inputs.map((x, i) => (i === which ? tf.tensor(moved, x.shape) : x)) as never[]));
          return Array.from(y.dataSync()).reduce((sum, output, i) => sum + output * weight(i), 0) as never;
        });
      const [above, below] = [Math.fround(entry + step), Math.fround(entry - step)];
      return (sumAt(above) - sumAt(below)) / (above - below);
    }),
  );
}
