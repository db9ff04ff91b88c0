import { type Images, type Norm, perExampleNorm, sign } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";

/** The direction of length 1 in `norm` (`"linf"`, `"l2"`) that the objective grows in most, per example; 0 where the gradient is 0. */
export function steepest(gradient: Images, norm: Norm): Images {
  if (norm === "linf") return sign(gradient);
  // Scaled by its largest entry first: squares of a confident network's gradient would vanish, and the attack stand still.
  const scaled = tf.divNoNan(gradient, perImage(perExampleNorm(gradient, "linf")));
  return tf.divNoNan<Images>(scaled, perImage(perExampleNorm(scaled, norm)));
}

/** One value an example, `[batch]`, laid out to combine with images: `[batch, 1, 1, 1]`. */
export function perImage(values: Tensor): Tensor4D {
  return tf.reshape(values, [-1, 1, 1, 1]);
}
