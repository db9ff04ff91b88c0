import type { NamedTensors, Parameters } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { differences } from "./direction-to";
import type { Weights } from "./stored-weights";

/** Some weights as vectors from the network's own: what a plane or a trajectory is spanned by. */
export interface Span {
  /** The inner products of the vectors, row by row. */
  readonly products: readonly (readonly number[])[];
  /** The sum of the vectors, each times its coefficient, as deltas of the parameters; new tensors. */
  combined(coefficients: readonly number[]): NamedTensors;
  dispose(): void;
}

/** The vectors from the network's weights to each of the others; the caller disposes it. */
export async function spanOf(parameters: Parameters, others: readonly Weights[], argument: string): Promise<Span> {
  const rows = tf.tidy(() => {
    const vectors = others.map((other, place) =>
      tf.concat(
        [...differences(parameters, other, `${argument}[${place}]`).values()].map((delta) => tf.reshape(delta, [-1])),
      ),
    );
    return tf.stack(vectors) as Tensor2D;
  });
  const gram = tf.matMul(rows, rows, false, true);
  try {
    return {
      products: (await gram.array()) as number[][],
      combined: (coefficients) => split(rows, coefficients, parameters),
      dispose: () => rows.dispose(),
    };
  } catch (error) {
    rows.dispose();
    throw error;
  } finally {
    gram.dispose();
  }
}

function split(rows: Tensor2D, coefficients: readonly number[], parameters: Parameters): NamedTensors {
  const names = [...parameters.keys()];
  const parts = tf.tidy(() => {
    const sum = tf.reshape(tf.matMul(tf.tensor2d([[...coefficients]]), rows), [-1]);
    let begin = 0;
    return [...parameters.values()].map(({ size, shape }) => {
      const part = tf.reshape(tf.slice(sum, begin, size), shape);
      begin += size;
      return part;
    });
  });
  return new Map(names.map((name, k) => [name, parts[k] as Tensor]));
}
