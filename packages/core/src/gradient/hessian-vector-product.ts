import * as tf from "@tensorflow/tfjs-core";
import { requireShape } from "../argument";
import { ensureGradients } from "../backend/ensure-gradients";
import type { Loss, NamedTensors } from "../contract";
import { requireArgument } from "../error";
import { registerSecondGradients } from "./second-gradients";
import { walkBackTwice } from "./tape";

/**
 * The product of the loss's Hessian with a vector, `∂/∂w (∂loss/∂w · v)`, under the name of every parameter; of the
 * parameter's shape. `vector` has a tensor for some of the parameters, and is 0 for the others. The caller owns the
 * products; what was given stays the caller's.
 *
 * The derivative is the exact one, within the rounding of float32, at the cost of about three gradients (Pearlmutter
 * 1994): no step size, and no kink that is stepped over. A ReLU counts as linear on either side. A loss in parts is
 * differentiated part by part, as `parameterGradients` does; one part takes about three times the memory that its
 * gradient takes.
 *
 * The networks of `@awp/models` in mode `"eval"` with {@link crossEntropy} of class indices have second derivatives, and so
 * has what is made of TensorFlow.js's elementwise operations, products, convolutions, depthwise ones and pooling. Batch
 * normalisation by the batch's statistics, {@link klDivergence} and soft labels have none.
 *
 * @example
 * const loss = () => mean(crossEntropy(network.forward(images, "eval"), labels));
 * const { gradients } = parameterGradients(loss, network.parameters);
 * const product = hessianVectorProduct(loss, network.parameters, gradients); // along the gradient
 * @throws NoDerivativeError where an operation has no second derivative; ArgumentError for a vector of an unknown name or
 * another shape; AwpError inside another differentiation.
 */
export function hessianVectorProduct(loss: Loss, parameters: NamedTensors, vector: NamedTensors): NamedTensors {
  ensureGradients();
  registerSecondGradients();
  for (const [name, tensor] of vector) {
    const argument = `vector[${JSON.stringify(name)}]`;
    const parameter = parameters.get(name);
    requireArgument(parameter !== undefined, argument, "an unknown name", "a name among the parameters");
    requireShape(argument, tensor, parameter.shape, "the shape of the parameter");
  }
  const variables = [...parameters.values()];
  const products = tf.tidy(() => {
    const vectors = [...parameters].map(([name, variable]) => vector.get(name) ?? tf.zerosLike(variable));
    let sums: tf.Tensor[] = variables.map((variable) => tf.zerosLike(variable));
    for (const part of loss.parts ?? [loss]) {
      const before = sums;
      sums = tf.tidy(() =>
        walkBackTwice(part, variables, vectors).map((product, k) =>
          product === undefined ? tf.clone(before[k] as tf.Tensor) : tf.add(before[k] as tf.Tensor, product),
        ),
      );
      tf.dispose(before);
    }
    return sums;
  });
  return new Map([...parameters.keys()].map((name, k) => [name, products[k] as tf.Tensor]));
}
