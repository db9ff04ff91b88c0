import * as tf from "@tensorflow/tfjs-core";
import type { DistributedLoss, Loss, LossGradients, NamedTensors } from "../contract";
import { ensureGradients } from "../backend/ensure-gradients";
import { type Derivative, walkBack } from "./tape";

/**
 * The loss and its gradient with respect to every parameter, by name; a parameter that the loss does not depend on has
 * gradient zero. Any other tensor that the loss reads may be among them. The caller owns the loss and the gradients.
 *
 * A loss in parts is differentiated part by part and added up: each part's activations are gone before the next part
 * runs. The result is that of the whole within the rounding of float32. A loss over the examples of several processes is
 * differentiated by each on its own examples, and reduced: all call this together, and get the same.
 *
 * @example
 * const loss = () => mean(crossEntropy(network.forward(images, "train"), labels));
 * const { loss: value, gradients } = parameterGradients(loss, network.parameters);
 */
export function parameterGradients(loss: Loss, parameters: NamedTensors): LossGradients {
  if (loss.distributed !== undefined) return reduced(loss.distributed, parameters);
  ensureGradients();
  const variables = [...parameters.values()];
  const { value, gradients } = loss.parts === undefined ? walkBack(loss, variables) : summed(loss.parts, variables);
  const named = [...parameters].map(([name, variable], index): [string, tf.Tensor] => [
    name,
    gradients[index] ?? tf.zerosLike(variable),
  ]);
  return { loss: value as tf.Scalar, gradients: new Map(named) };
}

function reduced(distributed: DistributedLoss, parameters: NamedTensors): LossGradients {
  const found = parameterGradients(distributed.own, parameters);
  try {
    return distributed.reduce(found);
  } finally {
    tf.dispose([found.loss, ...found.gradients.values()]);
  }
}

/** The loss that is the sum of these parts, of which there is at least one. */
export function lossInParts(parts: readonly (() => tf.Scalar)[]): Loss {
  const whole = (): tf.Scalar => tf.tidy(() => parts.map((part) => part()).reduce((sum, value) => tf.add(sum, value)));
  return Object.assign(whole, { parts });
}

function summed(parts: readonly (() => tf.Scalar)[], variables: readonly tf.Tensor[]): Derivative {
  const [value, ...gradients] = tf.tidy(() => {
    let sums: (tf.Tensor | undefined)[] = [];
    for (const part of parts) {
      const terms = walkBack(part, variables);
      sums = [terms.value, ...terms.gradients].map((term, index) => added(sums[index], term));
    }
    return sums as tf.Tensor[];
  });
  return { value: value as tf.Tensor, gradients };
}

/** The sum of both, which are disposed; what is missing counts as zero. */
function added(sum: tf.Tensor | undefined, term: tf.Tensor | undefined): tf.Tensor | undefined {
  if (sum === undefined || term === undefined) return sum ?? term;
  const both = tf.add(sum, term);
  tf.dispose([sum, term]);
  return both;
}
