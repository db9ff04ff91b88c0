import type { Batch, Network } from "@awp/core";
import type { SharpnessOptions } from "@awp/landscape";
import * as tf from "@tensorflow/tfjs-core";

/** Variables made within a test's scope, which its end does not free. */
const variables: tf.Variable[] = [];
export const disposeToys = (): void => tf.dispose(variables.splice(0));

function variable(values: tf.TensorLike, shape?: number[]): tf.Variable {
  const made = tf.tidy(() => tf.variable(tf.tensor(values, shape)));
  variables.push(made);
  return made;
}

/** `counts` batches of images whose values are all different; labels count up to `classes`. */
export function batchesOf(counts: readonly number[], classes = 3): () => Batch[] {
  return () =>
    counts.map((count, place) => {
      const first = counts.slice(0, place).reduce((sum, other) => sum + other, 0);
      const values = Array.from({ length: count * 4 }, (_, i) => Math.sin(3 * (first * 4 + i)) / 2 + 0.5);
      const indices = Int32Array.from({ length: count }, (_, row) => first + row);
      return {
        images: tf.tensor4d(values, [count, 2, 2, 1]),
        labels: tf.tensor1d(
          indices.map((index) => index % classes),
          "int32",
        ),
        indices,
      };
    });
}

/** The loss ½ (w − c)ᵀ A (w − c) of every image, with A symmetric: its Hessian is A everywhere. */
export function quadratic(
  matrix: readonly (readonly number[])[],
  w: readonly number[],
  centre: readonly number[] = w.map(() => 0),
): Pick<SharpnessOptions, "network" | "loss" | "batches"> {
  const parameter = variable([...w], [w.length, 1]);
  const network: Network = {
    parameters: new Map([["w", parameter]]),
    buffers: new Map(),
    forward: (x) => tf.zeros([x.shape[0], 3]),
  };
  return {
    network,
    batches: batchesOf([3, 2]),
    loss: (_, { images }) =>
      tf.tidy(() => {
        const offset = tf.sub(parameter, tf.tensor2d([...centre], [w.length, 1]));
        const value = tf.sum(tf.mul(tf.mul(offset, 0.5), tf.matMul(tf.tensor2d(matrix as number[][]), offset)));
        return tf.mul(tf.ones<tf.Rank.R1>([images.shape[0]]), value);
      }),
  };
}

/** Softmax regression on the four pixels: smooth, with a weight of rank 2 and a bias. */
export function regression(): Network {
  const weight = variable(
    Array.from({ length: 12 }, (_, i) => Math.cos(5 * i)),
    [4, 3],
  );
  const bias = variable([0.1, -0.2, 0.3]);
  return {
    parameters: new Map([
      ["weight", weight],
      ["bias", bias],
    ]),
    buffers: new Map(),
    forward: (x) => tf.tidy(() => tf.add(tf.matMul(tf.reshape(x, [-1, 4]), weight as tf.Variable<tf.Rank.R2>), bias)),
  };
}

/** The bits of all weights. */
export function bitsOf(network: Network): string {
  return [...network.parameters.values()].map((parameter) => parameter.dataSync().join()).join(";");
}
