import * as tf from "@tensorflow/tfjs-core";

/** Gives room for so many values of a batch's pixels, not cleared. */
export type PixelRoom = (length: number) => Float32Array;

/**
 * Room for one batch after the other, the largest first: the same memory each time where the backend copies what a tensor is
 * made of, since to take memory and give it back costs more than to fill it; new memory where it keeps the array.
 */
export function pixelRoom(): PixelRoom {
  let shared: Float32Array | undefined;
  return (length) =>
    copiesValues() ? (shared ??= new Float32Array(length)).subarray(0, length) : new Float32Array(length);
}

const copying = new WeakMap<object, boolean>();

/** Whether the backend copies a new tensor's values, as torch and wasm do: tried out, as no backend says. */
function copiesValues(): boolean {
  const backend = tf.backend();
  const known = copying.get(backend);
  if (known !== undefined) return known;
  const values = Float32Array.of(0);
  const tensor = tf.tensor1d(values);
  values[0] = 1;
  // eslint-disable-next-line no-restricted-syntax -- one number, once for each backend
  const copies = tensor.dataSync()[0] === 0;
  tensor.dispose();
  copying.set(backend, copies);
  return copies;
}
