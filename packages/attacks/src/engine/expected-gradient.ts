import { type Classifier, type Images, type Logits, valueAndGradient } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D } from "@tensorflow/tfjs-core";
import { followable, unlessNaN } from "./not-a-number";

/** What an attack learns of the classifier at its iterate. */
export interface Observation {
  /** `[batch, classes]`, of the last sample. */
  readonly logits: Logits;
  /** Per example, `[batch]`, of the last sample; NaN where the logits hold one. */
  readonly value: Tensor1D;
  /** The mean over the samples, without NaN; 0 where the value is NaN, or no differentiable path leads from the images to it. */
  readonly gradient: Images;
}

/**
 * The value of an objective at the images with its gradient, as a mean over `samples` passes through the classifier:
 * expectation over transformation for one that draws at random. New tensors.
 *
 * @see Athalye et al. 2018, arXiv:1707.07397
 */
export function expectedGradient(
  classifier: Classifier,
  images: Images,
  objective: (logits: Logits) => Tensor1D,
  samples: number,
): Observation {
  let last = observe(classifier, images, objective);
  if (samples === 1) return last;
  let sum = last.gradient;
  for (let sample = 1; sample < samples; sample++) {
    tf.dispose([last.logits, last.value]);
    last = observe(classifier, images, objective);
    const next = tf.add<Images>(sum, last.gradient);
    tf.dispose([sum, last.gradient]);
    sum = next;
  }
  return { ...last, gradient: tf.div(sum, samples) };
}

function observe(classifier: Classifier, images: Images, objective: (logits: Logits) => Tensor1D): Observation {
  let kept: Logits | undefined;
  try {
    const { value, gradient } = valueAndGradient((at: Images) => {
      const logits = classifier(at);
      kept = tf.keep(tf.clone(logits)); // the walk back frees what the value was made of
      return unlessNaN(objective(logits), logits);
    }, images);
    const observed = { logits: tf.clone(kept as Logits), value: value as Tensor1D, gradient: followable(gradient) };
    gradient.dispose();
    return observed;
  } finally {
    kept?.dispose();
  }
}
