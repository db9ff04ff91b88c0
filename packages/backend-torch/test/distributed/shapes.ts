// Lists of tensors, of the same shapes on every rank, whose sums can be told by hand.
import { createHash } from "node:crypto";
import * as tf from "@tensorflow/tfjs-core";

/** Element e of tensor t on rank r is r·1000 + t·10 + e mod 7. */
export const lists: Readonly<Record<string, readonly (readonly number[])[]>> = {
  none: [],
  scalar: [[]],
  empty: [[0], [2, 0, 3]],
  mixed: [[], [3], [0], [2, 3, 4], [1, 1, 1, 5]],
  full: [[1016]],
  over: [[1017]],
  many: Array.from({ length: 70 }, (_, i) => [i % 9, 11]),
  // Two buckets of small tensors, and large ones that travel alone.
  large: [[7], [300_000], ...Array.from({ length: 27 }, () => [250_000]), [3, 3, 200, 300], [5]],
};

export const entry = (rank: number, tensor: number, element: number): number =>
  rank * 1000 + tensor * 10 + (element % 7);

export function tensorsOf(list: readonly (readonly number[])[], rank: number): tf.Tensor[] {
  return list.map((shape, t) =>
    tf.tidy(() => {
      const length = tf.util.sizeFromShape([...shape]);
      const pattern = tf.tensor1d([0, 1, 2, 3, 4, 5, 6].map((e) => entry(rank, t, e)));
      return tf.reshape(tf.slice(tf.tile(pattern, [Math.ceil(length / 7)]), [0], [length]), [...shape]);
    }),
  );
}

/** For each tensor its first and last elements, and whether all are as the first seven. */
export function digest(tensors: readonly tf.Tensor[]): { first: number[]; last: number | null; regular: boolean }[] {
  return tensors.map((tensor) => {
    const values = tensor.dataSync();
    const first = Array.from(values.slice(0, 7));
    return { first, last: values.at(-1) ?? null, regular: values.every((value, e) => value === first[e % 7]) };
  });
}

/** A digest of the bytes of all values. */
export function bits(tensors: readonly tf.Tensor[]): string {
  const digest = createHash("sha1");
  for (const tensor of tensors) digest.update(tensor.dataSync());
  return digest.digest("hex");
}
