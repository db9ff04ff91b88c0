import {
  hessianVectorProduct,
  type Loss,
  type NamedTensors,
  NoDerivativeError,
  parameterGradients,
  type Parameters,
  type ProcessGroup,
} from "@awp/core";
import { inShares } from "@awp/core/authoring";
import { weightPerturbation, withPerturbation } from "@awp/perturb";
import * as tf from "@tensorflow/tfjs-core";
import { addMultiple, norm } from "./host-vector";

/**
 * How products with the Hessian are computed.
 *
 * - `"exact"`: second derivatives, within the rounding of float32.
 * - `"central differences"`: those of gradients, `(g(w + hv) − g(w − hv)) / 2h` with `h‖v‖ = ‖w‖ / 1000`, for a loss that has
 *   no second derivatives in TensorFlow.js, such as one with a Kullback-Leibler divergence. On smooth networks it agrees
 *   with the exact one to about 1 in 1,000; on networks of ReLUs it counts the kinks between, which on a WideResNet
 *   raised the top eigenvalue by 12 %.
 */
export type Differentiation = "exact" | "central differences";

/** The Hessian of a loss in some parameters, as an operator on vectors of all their entries, on the host. */
export interface Hessian {
  /** How many entries the parameters have. */
  readonly size: number;
  /** How the products so far were computed; exact before the first. */
  readonly differentiation: () => Differentiation;
  /** The product with a vector. */
  readonly apply: (vector: Float32Array) => Promise<Float32Array>;
  /** A vector as a tensor for each parameter; the caller owns them. */
  readonly tensors: (vector: Float32Array) => Map<string, tf.Tensor>;
}

/** The ranks that share the parts of the loss, and what ends a product between two parts. */
export interface HessianSharing {
  readonly group?: ProcessGroup | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The Hessian of a loss in these parameters at their values, which nothing may change meanwhile but itself. */
export function hessianOf(loss: Loss, parameters: Parameters, { group, signal }: HessianSharing): Hessian {
  const size = [...parameters.values()].reduce((entries, parameter) => entries + parameter.size, 0);
  let differentiation: Differentiation = "exact";

  function tensors(vector: Float32Array): Map<string, tf.Tensor> {
    let begin = 0;
    const named = new Map<string, tf.Tensor>();
    for (const [name, { shape, size }] of parameters) {
      named.set(name, tf.tensor(vector.slice(begin, begin + size), shape));
      begin += size;
    }
    return named;
  }

  async function productOf(part: Loss, vector: Float32Array): Promise<tf.Tensor> {
    if (differentiation === "exact") {
      try {
        return tf.tidy(() => joined(hessianVectorProduct(part, parameters, tensors(vector))));
      } catch (error) {
        if (!(error instanceof NoDerivativeError)) throw error;
        differentiation = "central differences";
      }
    }
    const step = (1e-3 * ((await lengthOf(parameters)) || 1)) / (norm(vector) || 1);
    return tf.tidy(() => joined(differenceProduct(part, parameters, tensors(vector), step)));
  }

  async function apply(vector: Float32Array): Promise<Float32Array> {
    const sum = new Float64Array(size);
    const work = async (part: Loss) => {
      const product = await productOf(part, vector);
      try {
        return { values: await product.data<"float32">(), differentiation };
      } finally {
        product.dispose();
        await tf.nextFrame(); // lets timers and signals in: on some backends nothing above leaves the microtasks
      }
    };
    const units = loss.parts ?? [loss];
    for await (const { outcome } of inShares({ group, units, work, signal, what: "products with the Hessian" })) {
      addMultiple(sum, 1, outcome.values);
      differentiation = outcome.differentiation; // a rank without a part has not seen for itself
    }
    return Float32Array.from(sum);
  }

  return { size, differentiation: () => differentiation, apply, tensors };
}

function differenceProduct(loss: Loss, parameters: Parameters, vector: NamedTensors, step: number): NamedTensors {
  const gradientsAt = (scale: number): NamedTensors =>
    withPerturbation(parameters, weightPerturbation(vector), () => parameterGradients(loss, parameters).gradients, {
      scale,
    });
  const [above, below] = [gradientsAt(step), gradientsAt(-step)];
  return new Map([...above].map(([name, g]) => [name, tf.div(tf.sub(g, below.get(name) as tf.Tensor), 2 * step)]));
}

async function lengthOf(parameters: Parameters): Promise<number> {
  const lengths: number[] = [];
  for (const parameter of parameters.values()) lengths.push(norm(await parameter.data<"float32">()));
  return norm(lengths);
}

function joined(tensors: NamedTensors): tf.Tensor {
  return tf.concat([...tensors.values()].map((tensor) => tf.reshape(tensor, [-1])));
}
