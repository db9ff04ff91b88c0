import type { NamedTensors, Parameters, WeightPerturbation } from "@awp/core";
import { addScaled, requireArgument } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import { requireUnperturbed, setPerturbed } from "./perturbed";

export interface WithPerturbationOptions {
  /** The weights are displaced by `scale` times the perturbation. @default 1 */
  readonly scale?: number;
}

/**
 * Runs `body` with the weights at `w + scale · v` and puts them back, bit for bit, also when it throws.
 *
 * If `body` returns a promise, the weights stay displaced until it settles and the call returns a promise; a training
 * step or a second perturbation on the same weights meanwhile is an error. The perturbation stays the caller's, and so
 * do the tensors that `body` returns. An update of the weights that `body` makes is undone with the displacement: take
 * gradients in it, and apply them after it.
 *
 * @example
 * const loss = () => mean(crossEntropy(network.forward(images, "eval"), labels));
 * const perturbation = awp({ gamma: 0.01 })(network.parameters, loss, random(0));
 * const raised = withPerturbation(network.parameters, perturbation, loss); // the weights are back
 * perturbation.dispose();
 * @throws ArgumentError for a perturbation of unknown names, other shapes or disposed tensors, before anything moves;
 * AwpError for weights that are displaced already.
 */
export function withPerturbation<T>(
  weights: Parameters,
  perturbation: WeightPerturbation,
  body: () => T,
  { scale = 1 }: WithPerturbationOptions = {},
): T {
  requireArgument(Number.isFinite(scale), "scale", scale, "a finite number");
  requireFitting(weights, perturbation.deltas);
  requireUnperturbed(weights);
  const restore = displace(weights, perturbation.deltas, scale);
  let result: T;
  try {
    result = body();
  } catch (error) {
    restore();
    throw error;
  }
  if (isThenable(result)) return Promise.resolve(result).finally(restore) as T;
  restore();
  return result;
}

/** Moves the weights and returns the way back. */
function displace(weights: Parameters, deltas: NamedTensors, scale: number): () => void {
  const moves = [...deltas].map(([name, delta]) => {
    const variable = weights.get(name) as Variable;
    // Kept, because the way back may be taken after the scope of the call has ended. It shares the weights' storage.
    return { variable, delta, snapshot: tf.keep<Tensor>(tf.clone(variable)) };
  });
  const variables = moves.map(({ variable }) => variable);
  const restore = (): void => {
    for (const { variable, snapshot } of moves) {
      variable.assign(snapshot);
      snapshot.dispose();
    }
    setPerturbed(variables, false);
  };
  setPerturbed(variables, true);
  try {
    tf.tidy(() => {
      const sums = moves.map(({ snapshot, delta }) => ({ base: snapshot, addend: delta, factor: scale }));
      for (const [i, displaced] of addScaled(sums).entries()) variables[i]?.assign(displaced);
    });
  } catch (error) {
    restore();
    throw error;
  }
  return restore;
}

function requireFitting(weights: Parameters, deltas: NamedTensors): void {
  for (const [name, delta] of deltas) {
    const argument = `perturbation.deltas[${JSON.stringify(name)}]`;
    const variable = weights.get(name);
    requireArgument(variable !== undefined, argument, "an unknown name", "a name among the weights");
    requireArgument(!delta.isDisposed, argument, "a disposed tensor", "a tensor");
    requireArgument(delta.dtype === variable.dtype, argument, delta.dtype, variable.dtype);
    requireArgument(
      tf.util.arraysEqual(delta.shape, variable.shape),
      argument,
      delta.shape,
      `the shape of the parameter, [${variable.shape.join(", ")}]`,
    );
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
