import type { Classifier, Logits } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import { Tensor } from "@tensorflow/tfjs-core";

/** The part of a `tf.LayersModel` that {@link fromLayersModel} uses. */
export interface LayersModelLike {
  apply(inputs: Tensor, options: { readonly training: boolean }): unknown;
}

/** The part of a `tf.GraphModel` that {@link fromGraphModel} uses. */
export interface GraphModelLike {
  predict(inputs: Tensor): unknown;
}

/**
 * A differentiable classifier made of a `tf.LayersModel`, which runs for inference.
 *
 * The model must return logits, `[batch, classes]`: one that ends in a softmax hides its gradients from attacks.
 *
 * @throws ArgumentError when applied, if the model returns anything else
 * @example
 * const classifier = fromLayersModel(await tf.loadLayersModel("https://example.org/model.json"));
 * const adversarial = pgd({ norm: "linf", epsilon: 8 / 255, steps: 20 })(classifier, images, labels, random(0));
 */
export function fromLayersModel(model: LayersModelLike): Classifier {
  return (x) => requireLogits(model.apply(x, { training: false }));
}

/** A differentiable classifier made of a `tf.GraphModel`, which must return logits as for {@link fromLayersModel}. */
export function fromGraphModel(model: GraphModelLike): Classifier {
  return (x) => requireLogits(model.predict(x));
}

function requireLogits(output: unknown): Logits {
  const isLogits = output instanceof Tensor && output.rank === 2;
  requireArgument(isLogits, "model", output instanceof Tensor ? output.shape : output, "one output [batch, classes]");
  return output as Logits;
}
