import * as tf from "@tensorflow/tfjs-core";
import { recordOnce, walkBack } from "./tape";
import { ensureGradients } from "../backend/ensure-gradients";

/** A function's value and its gradient; the caller owns both. */
export interface ValueAndGradient<X extends tf.Tensor> {
  readonly value: tf.Tensor;
  readonly gradient: X;
  /** Whether any differentiable path leads from `x` to the value; without one the gradient is zero. */
  readonly connected: boolean;
}

/**
 * The value of `f` at `x` and the gradient of its sum with respect to `x`.
 *
 * `f` returns one value an example, `[batch]`, or a scalar. For values of the examples that depend on their own rows
 * only, the rows of the gradient are the gradients of the values.
 *
 * @example
 * const { value, gradient } = valueAndGradient((x: Images) => crossEntropy(classifier(x), labels), images);
 */
export function valueAndGradient<X extends tf.Tensor>(f: (x: X) => tf.Tensor, x: X): ValueAndGradient<X> {
  ensureGradients();
  const { value, gradients } = walkBack(() => f(x), [x]);
  const [gradient] = gradients;
  return gradient === undefined
    ? { value, gradient: tf.zerosLike(x), connected: false }
    : { value, gradient: gradient as X, connected: true };
}

/** A function's value with as many gradients as wanted of the one forward pass. */
export interface VectorJacobian<X extends tf.Tensor> {
  /** The caller's to dispose. */
  readonly value: tf.Tensor;
  /** The gradient of `Σ weights · f(x)` at x, of x's shape; `weights` has the value's shape. A new tensor. */
  readonly gradient: (weights: tf.Tensor) => X;
  /** Frees what the forward pass saved; the value stays. */
  readonly dispose: () => void;
}

/**
 * Runs `f` at `x` once, to be pulled back along any weights of its value: one backward pass for each gradient.
 *
 * @throws AwpError inside another differentiation.
 */
export function vectorJacobian<X extends tf.Tensor>(f: (x: X) => tf.Tensor, x: X): VectorJacobian<X> {
  ensureGradients();
  const { value, gradients, dispose } = recordOnce(() => f(x));
  return { value, gradient: (weights) => (gradients([x], weights)[0] ?? tf.zerosLike(x)) as X, dispose };
}
