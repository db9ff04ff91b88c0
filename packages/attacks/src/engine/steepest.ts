import { type Images, type Norm, perExampleNorm } from "@awp/core";
import { perImage, sign } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";

/** The direction of length 1 in `norm` (`"linf"`, `"l2"`) that the objective grows in most, per example; 0 where the gradient is 0. */
export function steepest(gradient: Images, norm: Norm): Images {
  if (norm === "linf") return sign(gradient);
  // Scaled by its largest entry first: squares of a confident network's gradient would vanish, and the attack stand still.
  const scaled = tf.divNoNan(gradient, perImage(perExampleNorm(gradient, "linf")));
  return tf.divNoNan<Images>(scaled, perImage(perExampleNorm(scaled, norm)));
}
