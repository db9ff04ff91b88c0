import type { Classifier } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { type AdaptedModelOptions, readingOf } from "./ending";
import { inferenceCalls } from "./layer-calls";
import { endingOfLayersModel } from "./layers-ending";
import { isContainer, type LayersModelLike, layersWithin } from "./layers-model";
import { logitsOf } from "./logits";
import { withFields } from "./replaced-fields";

/**
 * A differentiable classifier made of a `tf.LayersModel`, which runs for inference.
 *
 * It answers with logits, `[batch, classes]`. Of a model that ends in a softmax, or in a sigmoid, they are what stands
 * before it, so that its gradients are not hidden from attacks: for each call the layer's activation is the identity.
 * Behind the softmax there may be layers that reshape, and models inside models. A single column z counts as the logit of
 * the second of two classes: [0, z].
 *
 * Where what stands before cannot be had (a mean of several softmaxes; a layer of one's own, with
 * `output: "probabilities"`), logits are the logarithms of the probabilities: finite, with gradients where a probability
 * has not underflowed below 2^-126, and in two classes by a sigmoid not rounded to 1.
 *
 * @throws ArgumentError for a model with several outputs or another than `[batch, classes]`, and for an `output` that
 * contradicts its structure, or is missing where a layer that may be anything ends it
 * @example
 * const classifier = fromLayersModel(await tf.loadLayersModel("https://example.org/model.json"));
 * const adversarial = pgd({ norm: "linf", epsilon: 8 / 255, steps: 20 })(classifier, images, labels, random(0));
 */
export function fromLayersModel(model: LayersModelLike, options: AdaptedModelOptions = {}): Classifier {
  const { bare, output } = readingOf(endingOfLayersModel(model), options);
  const calls = isContainer(model) ? inferenceCalls(layersWithin(model)) : [];
  const replaced = bare === undefined ? calls : [bare, ...calls];
  const answer = (x: tf.Tensor): unknown => withFields(replaced, () => model.apply(x, { training: false }));
  return (x) => tf.tidy(() => logitsOf(answer(x), output));
}
