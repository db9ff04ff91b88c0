import { perImage } from "@awp/core/authoring";
import { type Images, type Labels, type Logits, misclassified } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D } from "@tensorflow/tfjs-core";

/** The first image of each example that the classifier errs on. */
export type FirstFound = {
  /** The images tried last where there is none yet. */
  readonly found: Images;
  /** 1 where there is one, else 0, int32. */
  readonly broken: Tensor1D;
  /** The number of iterations after which it was found, int32. */
  readonly iteration: Tensor1D;
};

/** The findings among the clean images: an example that is wrong to begin with is found. */
export function firstFound(images: Images, logits: Logits, y: Labels): FirstFound {
  const broken = misclassified(logits, y);
  return { found: tf.clone(images), broken, iteration: tf.zerosLike(broken) };
}

/** The findings after one more try: `wrong` is 1 where the classifier errs on the images, `done` counts iterations. */
export function nextFound(
  { found, broken, iteration }: FirstFound,
  images: Images,
  wrong: Tensor1D,
  done: number,
): FirstFound {
  const before = tf.cast(broken, "bool");
  return {
    found: tf.where(perImage(before), found, images),
    broken: tf.maximum(broken, wrong),
    iteration: tf.where(before, iteration, tf.fill(wrong.shape, done, "int32")),
  };
}
