import type { Classifier, Logits } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import { Tensor } from "@tensorflow/tfjs-core";

/** As much of a `tf.LayersModel` as {@link fromLayersModel} uses. */
export interface LayersModelLike {
  apply(inputs: Tensor, options: { readonly training: boolean }): unknown;
}

/** As much of a `tf.GraphModel` as {@link fromGraphModel} uses. */
export interface GraphModelLike {
  predict(inputs: Tensor): unknown;
}

/**
 * A `tf.LayersModel` for inference as a differentiable classifier: `pgd(...)(fromLayersModel(model), x, y, random)`.
 *
 * The model must answer with logits: one that ends in a softmax hides its gradients from attacks.
 */
export function fromLayersModel(model: LayersModelLike): Classifier {
  return (x) => requireLogits(model.apply(x, { training: false }));
}

/** A `tf.GraphModel` as a differentiable classifier; like {@link fromLayersModel} it must answer with logits. */
export function fromGraphModel(model: GraphModelLike): Classifier {
  return (x) => requireLogits(model.predict(x));
}

function requireLogits(output: unknown): Logits {
  const isLogits = output instanceof Tensor && output.rank === 2;
  requireArgument(isLogits, "model", output instanceof Tensor ? output.shape : output, "one output [batch, classes]");
  return output as Logits;
}
