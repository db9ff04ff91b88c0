import { crossEntropy, type Loss, mean, normal, type Parameters, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";

/** Weights and a loss of them; `dispose` frees the weights. */
export interface Toy {
  readonly weights: Parameters;
  readonly loss: () => tf.Scalar;
  readonly dispose: () => void;
}

function toy(values: Readonly<Record<string, tf.Tensor>>, loss: (...weights: tf.Variable[]) => tf.Scalar): Toy {
  const weights = new Map(Object.entries(values).map(([name, value]) => [name, tf.variable(value)]));
  tf.dispose(Object.values(values)); // so that nothing but the variables holds their storage
  return {
    weights,
    loss: () => tf.tidy(() => loss(...weights.values())),
    dispose: () => tf.dispose([...weights.values()]),
  };
}

/** The mean loss of examples, of which those above a threshold may be left out. */
export function exampleLoss(losses: () => tf.Tensor1D, threshold: number = Number.POSITIVE_INFINITY): Loss {
  const counted = (): tf.Scalar =>
    tf.tidy(() => {
      const all = losses();
      return mean(tf.where(tf.less(all, threshold), all, tf.zerosLike(all)) as tf.Tensor1D);
    });
  return Object.assign(counted, { below: (given: number): Loss => exampleLoss(losses, Math.min(given, threshold)) });
}

/** The linear softmax whose figures are known to ten digits: mean cross-entropy of two examples in three classes. */
export function linearSoftmax(): Toy & { readonly loss: Loss; readonly examples: readonly Loss[] } {
  const x = tf.tensor2d([1, 2, -1, 0, -1, 0.5], [2, 3]);
  const y = tf.tensor1d([0, 2], "int32");
  const w = tf.tensor2d([0.2, -0.1, 0.4, 0.3, 0.5, -0.2, -0.6, 0.1, 0.7], [3, 3]);
  const b = tf.tensor1d([0.05, -0.02, 0]);
  const { weights, dispose } = toy({ weight: w, bias: b }, () => tf.scalar(0));
  const [weight, bias] = [...weights.values()] as [tf.Variable<tf.Rank.R2>, tf.Variable];
  const losses = (): tf.Tensor1D => crossEntropy(tf.add(tf.matMul(x, weight), bias), y);
  const one = (row: number) => exampleLoss(() => tf.slice(losses(), row, 1));
  return { weights, dispose, loss: exampleLoss(losses), examples: [one(0), one(1)] };
}

/** A convex quadratic of weights of several ranks, `Σ c (w − t)²`, that does not depend on `unused`. */
export function quadratic(seed = 1): Toy {
  const shapes = { kernel: [3, 3, 2, 4], dense: [5, 3], bias: [4], unused: [2, 2] };
  const draws = random(seed).split(3);
  const values = Object.entries(shapes).map(([name, shape], k) => [
    name,
    draws.map((draw) => normal(draw.fold(k), shape)),
  ]) as [string, [tf.Tensor, tf.Tensor, tf.Tensor]][];
  return toy(
    Object.fromEntries(values.map(([name, [start]]) => [name, start])),
    (...weights) =>
      tf.addN(
        values
          .slice(0, 3)
          .map(([, [, target, curvature]], k) =>
            tf.sum(tf.mul(tf.square(curvature), tf.square(tf.sub(weights[k]!, target)))),
          ),
      ) as tf.Scalar,
  );
}

export function host(tensor: tf.Tensor | undefined): number[] {
  return Array.from(tensor!.dataSync());
}

/** In double precision. */
export function norm(tensor: tf.Tensor | undefined): number {
  return Math.hypot(...host(tensor));
}
