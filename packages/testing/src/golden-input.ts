import * as tf from "@tensorflow/tfjs-core";
import { stream } from "./stream";

/** The golden files' images: `[count, 32, 32, 3]`, uniform in [0, 1). */
export function images(count: number, seed: number): tf.Tensor4D {
  const shape: [number, number, number, number] = [count, 32, 32, 3];
  return tf.tensor4d(Float32Array.from(stream(seed, tf.util.sizeFromShape(shape))), shape);
}

/** The golden files' labels: 3i mod 10, `[count]`, int32. */
export function labels(count: number): tf.Tensor1D {
  return tf.tensor1d(
    Array.from({ length: count }, (_, i) => (3 * i) % 10),
    "int32",
  );
}

/** The golden files' k-th parameter, row-major in PyTorch's layout, from its name and its shape in PyTorch. */
export function parameterValues(name: string, torchShape: readonly number[], k: number): Float32Array {
  const size = tf.util.sizeFromShape([...torchShape]);
  const u = stream((1000003 * (k + 1)) % 2 ** 32, size);
  const [, fanIn = 1, height = 1, width = 1] = torchShape;
  if (torchShape.length === 4) return centred(u, Math.sqrt(3) * Math.sqrt(2 / (fanIn * height * width)));
  if (torchShape.length === 2) return centred(u, Math.sqrt(3) * Math.sqrt(1 / fanIn));
  return name.endsWith("weight") ? Float32Array.from(u, (value) => 0.75 + 0.5 * value) : centred(u, 0.2);
}

function centred(u: Float64Array, radius: number): Float32Array {
  return Float32Array.from(u, (value) => (2 * value - 1) * radius);
}
